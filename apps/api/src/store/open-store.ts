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
    await store.write(
      db
        .insertInto('meta')
        .values({ key: 'generation', value: createGeneration() })
        .onConflict((conflict) => conflict.doNothing()),
    )
    const [row] = await store.read(db.selectFrom('meta').select('value').where('key', '=', 'generation'))
    if (row === undefined) throw new Error('the store did not keep its generation')
    store.generation = row.value
    return store
  } catch (error) {
    database.close()
    throw error
  }
}
