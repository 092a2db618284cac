import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { createGeneration, makeFolder } from '@holdfast/core'
import { checkStoreFile } from './check-store-file.ts'
import { createStoreFile } from './create-store-file.ts'
import { migrate } from './migrations.ts'
import { openSqliteFile } from './open-sqlite-file.ts'
import { type OpenStoreOptions, SqliteStore } from './sqlite-store.ts'
import { StoreFileError } from './store-file-error.ts'
import { db } from './tables.ts'

/**
 * Opens the store, makes it where there is none, brings its tables up to date and gives a new one its generation.
 *
 * @throws {StoreFileError} or what SQLite says, for which `StoreFileError.of` has the words
 */
export async function openStore(path: string, options: OpenStoreOptions = {}): Promise<SqliteStore> {
  await makeFolderOf(path)
  const isNew = !existsSync(path) && (await createStoreFile(path))
  const isChecked = isNew || checkStoreFile(path).isChecked
  const database = openSqliteFile(path)
  const store = await prepare(database).catch((error: unknown) => {
    database.close()
    throw error
  })
  try {
    await keepOnce(store, {
      generation: createGeneration(),
      pseudonymKey: randomBytes(32).toString('base64url'),
    })
    return store
  } catch (error) {
    store.close()
    throw error
  }

  async function prepare(opened: DatabaseSync): Promise<SqliteStore> {
    await migrate(opened)
    // From here on a lock is waited for by the store, from a timer: SQLite would sleep, and with it the process.
    opened.exec('PRAGMA busy_timeout = 0')
    return new SqliteStore(opened, path, { ...options, isNew, isChecked })
  }
}

async function makeFolderOf(path: string): Promise<void> {
  const folder = dirname(path)
  try {
    await makeFolder(folder)
  } catch (error) {
    throw StoreFileError.folderCannotBeMade(folder, (error as NodeJS.ErrnoException).code ?? String(error))
  }
}

/** Gives the store what it is to keep for ever, unless it has it already: whoever came first decided. */
async function keepOnce(
  store: SqliteStore,
  values: { generation: string; pseudonymKey: string },
): Promise<void> {
  const keys = Object.keys(values)
  const kept = db.selectFrom('meta').selectAll().where('key', 'in', keys)
  let rows = await store.read(kept)
  if (rows.length < keys.length) {
    const offered = Object.entries(values).map(([key, value]) => ({ key, value }))
    await store.write(
      db
        .insertInto('meta')
        .values(offered)
        .onConflict((conflict) => conflict.doNothing()),
    )
    rows = await store.read(kept)
  }
  const keptAs = (key: string) => {
    const row = rows.find((candidate) => candidate.key === key)
    if (row === undefined) throw new Error(`the store did not keep its ${key}`)
    return row.value
  }
  store.generation = keptAs('generation')
  store.pseudonymKey = keptAs('pseudonymKey')
}
