import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isErrno } from '@holdfast/core'
import { longestLockWaitMs } from './patience.ts'
import { StoreFileError } from './store-file-error.ts'

/** Every page of a larger file would take longer than a start may: about 1.5 ms for each MB. */
const mostCheckedBytes = 32 * 1024 * 1024

/**
 * Looks at the file of a store before anything is written to it. What is damaged, empty or not ours is refused and left
 * as it is; a store is never made anew in the place of one that was lost.
 *
 * @throws {StoreFileError} or what SQLite says, for which `StoreFileError.of` has the words
 */
export function checkStoreFile(path: string): { isChecked: boolean } {
  const size = sizeOf(path)
  if (size === 0) throw StoreFileError.isEmpty(path)
  const database = new DatabaseSync(path, { readOnly: true, timeout: longestLockWaitMs })
  try {
    if (!isStore(database)) throw StoreFileError.isAnother(path)
    if (size > mostCheckedBytes) return { isChecked: false }
    const [fault] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})
    if (fault !== 'ok') throw StoreFileError.isDamaged(path, String(fault))
    return { isChecked: true }
  } finally {
    database.close()
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (error) {
    throw isErrno(error, 'ENOENT', 'ELOOP')
      ? StoreFileError.isAway(path)
      : StoreFileError.cannotBeOpened(path)
  }
}

function isStore(database: DatabaseSync): boolean {
  const tables =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('meta', 'kysely_migration')"
  return database.prepare(tables).all().length === 2
}
