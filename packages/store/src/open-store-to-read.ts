import { existsSync, statSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { newestMigration } from './migrations.ts'
import type { Query, Store } from './store.ts'
import { db } from './tables.ts'

/** A store that is only looked at. */
export interface StoreToRead extends Pick<Store, 'read'> {
  generation: string
  /** The newest of the migrations that have brought its tables up to date. */
  schemaVersion: string
  /** For what is not in the tables, such as a PRAGMA that only tells. */
  ask(sql: string): Record<string, unknown>[]
  close(): void
}

/** Why a store cannot be looked at. */
export type StoreLack = 'no_file' | 'no_store' | 'older_version'

const busyTimeoutMs = 5000

/**
 * Opens the store of a server, whether it runs or not, and changes nothing: no write lock is taken, no table is brought
 * up to date. All that is read is of one moment.
 *
 * @throws what SQLite says; `StoreFileError.of` has the words for it
 */
export function openStoreToRead(
  path: string,
): { ok: true; store: StoreToRead } | { ok: false; lack: StoreLack } {
  if (!existsSync(path)) return { ok: false, lack: 'no_file' }
  const database = openToRead(path)
  try {
    const schemaVersion = readSchemaVersion(database)
    if (schemaVersion === undefined || schemaVersion < newestMigration) {
      database.close()
      return { ok: false, lack: schemaVersion === undefined ? 'no_store' : 'older_version' }
    }
    database.exec('BEGIN')
    const ask = (sql: string) => database.prepare(sql).all()
    const [kept] = rowsOf(database, db.selectFrom('meta').select('value').where('key', '=', 'generation'))
    return {
      ok: true,
      store: {
        generation: kept?.value ?? '',
        schemaVersion,
        ask,
        read: async (query) => rowsOf(database, query),
        close: () => database.close(),
      },
    }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Where no process has the store open, SQLite makes the index of its WAL first, which a full disk does not let it. */
function openToRead(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
  try {
    database.prepare('SELECT name FROM sqlite_schema').all()
    return database
  } catch (error) {
    database.close()
    // With nothing in a WAL the file is all there is.
    if (isCorrupt(error) || hasWal(path)) throw error
    return new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), { readOnly: true })
  }
}

function isCorrupt(error: unknown): boolean {
  const [corrupt, noDatabase] = [11, 26]
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === corrupt || code === noDatabase
}

function hasWal(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/** A newer one can be read too: migrations only add. */
function readSchemaVersion(database: DatabaseSync): string | undefined {
  const tables =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('meta', 'kysely_migration')"
  if (database.prepare(tables).all().length < 2) return undefined
  return String(database.prepare('SELECT max(name) AS newest FROM kysely_migration').get()?.newest)
}

function rowsOf<Row>(database: DatabaseSync, query: Query<Row>): Row[] {
  const { sql, parameters } = query.compile()
  return database.prepare(sql).all(...(parameters as SQLInputValue[])) as Row[]
}
