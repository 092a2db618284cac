import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { isErrno } from '@holdfast/core'
import { newestMigration } from './migrations.ts'
import { longestLockWaitMs } from './patience.ts'
import { isDamage } from './sqlite-code.ts'
import type { Query, Store } from './store.ts'
import { StoreFileError } from './store-file-error.ts'
import { db } from './tables.ts'

/** A store that is only looked at. */
export interface StoreToRead extends Pick<Store, 'read'> {
  generation: string
  /** The newest of the migrations that have brought its tables up to date. */
  schemaVersion: string
  journalMode: 'wal' | 'rollback'
  /** For what is not in the tables, such as a PRAGMA that only tells. */
  ask(sql: string): Record<string, unknown>[]
  close(): void
}

/** Why a store cannot be looked at. */
export type StoreLack = 'no_file' | 'no_store' | 'older_version'

/**
 * Opens the store of a server, whether it runs or not, and changes nothing: no write lock is taken, no table is brought
 * up to date. All that is read is of one moment.
 *
 * @throws what SQLite says; `StoreFileError.of` has the words for it
 */
export function openStoreToRead(
  path: string,
): { ok: true; store: StoreToRead } | { ok: false; lack: StoreLack } {
  const journalMode = readJournalMode(path)
  if (journalMode === undefined) return { ok: false, lack: 'no_file' }
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
        journalMode,
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

/**
 * Without a WAL the file is all there is: no process has it open, and SQLite is told that none will, as it would else
 * make the WAL and its index anew and leave them behind. That also works on a disk that is full or read-only.
 */
function openToRead(path: string): DatabaseSync {
  const walBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size
  if (walBytes === undefined) return openUnused(path)
  const database = new DatabaseSync(path, { readOnly: true, timeout: longestLockWaitMs })
  try {
    database.prepare('SELECT name FROM sqlite_schema').all()
    return database
  } catch (error) {
    database.close()
    if (walBytes > 0 || isDamage(error)) throw error
    return openUnused(path)
  }
}

function openUnused(path: string): DatabaseSync {
  return new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), { readOnly: true })
}

/**
 * From the header of the file, as that of an unused file is not told by SQLite. To be read before SQLite has the file
 * open: closing it afterwards would end the locks of this process. (https://sqlite.org/fileformat.html)
 */
function readJournalMode(path: string): StoreToRead['journalMode'] | undefined {
  const header = Buffer.alloc(20)
  try {
    const file = openSync(path, 'r')
    try {
      readSync(file, header, 0, header.length, 0)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw StoreFileError.cannotBeOpened(path)
  }
  return header[18] === 2 && header[19] === 2 ? 'wal' : 'rollback'
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
