import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createGeneration } from '@holdfast/core'
import { migrate } from './migrations.ts'
import { openSqliteFile } from './open-sqlite-file.ts'
import { SqliteStore } from './sqlite-store.ts'
import { db } from './tables.ts'

/** Opens the store, brings its tables up to date and gives a new one its generation. */
export async function openStore(path: string): Promise<SqliteStore> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const database = openSqliteFile(path)
  try {
    await migrate(database)
    const store = new SqliteStore(database)
    store.generation = await keepOnce(store, 'generation', createGeneration())
    store.pseudonymKey = await keepOnce(store, 'pseudonymKey', randomBytes(32).toString('base64url'))
    return store
  } catch (error) {
    database.close()
    throw error
  }
}

/** The value that the store was first given under this key: whoever came first decided. */
async function keepOnce(store: SqliteStore, key: string, value: string): Promise<string> {
  await store.write(
    db
      .insertInto('meta')
      .values({ key, value })
      .onConflict((conflict) => conflict.doNothing()),
  )
  const [row] = await store.read(db.selectFrom('meta').select('value').where('key', '=', key))
  if (row === undefined) throw new Error(`the store did not keep its ${key}`)
  return row.value
}
