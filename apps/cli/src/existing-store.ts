import { stat } from 'node:fs/promises'
import { isErrno } from '@holdfast/core'
import { openStore, type SqliteStore, StoreFileError } from '@holdfast/store'

/**
 * Opens the store that a server has made; `undefined` where there is no file, as this tool makes none. A file that
 * is empty or somebody else's is refused and left as it is, by the same check as at the start of a server.
 *
 * @throws {StoreFileError}
 */
export async function openExistingStore(path: string): Promise<SqliteStore | undefined> {
  if (!(await isThere(path))) return undefined
  try {
    return await openStore(path)
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
