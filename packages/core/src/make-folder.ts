import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isErrno } from './errno.ts'

/**
 * Makes a folder, and those it lies in, for this user alone. A folder that is there stays as it is.
 *
 * Not by `mkdir` with `recursive`: where a file system takes no folder and says ENOENT, as /proc does, Node makes the
 * parent, which is there, and tries again for ever.
 */
export async function makeFolder(folder: string): Promise<void> {
  if ((await makeOne(folder)) === undefined) return
  await makeFolder(dirname(folder))
  const lack = await makeOne(folder)
  if (lack !== undefined) throw lack
}

/** What is answered where the parent is not there, or where it is and takes none; `undefined` once the folder is there. */
async function makeOne(folder: string): Promise<Error | undefined> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (await isFolder(folder)) return undefined
    if (isErrno(error, 'ENOENT')) return error as Error
    throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}
