import { stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { isErrno } from '@holdfast/core'
import { openStore, type SqliteStore, StoreFileError } from '@holdfast/store'

/**
 * Opens the store that a server has made; `undefined` where none has. This tool makes none, neither a file nor
 * tables in a file that is empty or somebody else's.
 *
 * @throws {StoreFileError}
 */
export async function openExistingStore(path: string): Promise<SqliteStore | undefined> {
  if (!(await isThere(path))) return undefined
  try {
    return hasTables(path) ? await openStore(path) : undefined
  } catch (error) {
    throw StoreFileError.of(path, error) ?? error
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isFile()) return true
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false
  }
  throw StoreFileError.cannotBeOpened(path)
}

function hasTables(path: string): boolean {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  try {
    const tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('meta', 'signIns')"
    return database.prepare(tables).all().length === 2
  } finally {
    database.close()
  }
}
