import { randomBytes } from 'node:crypto'
import { link, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isErrno, syncFolder } from '@holdfast/core'
import { migrate } from './migrations.ts'

/**
 * Makes a new store, which has its name once it is whole and on disk: a file without tables is therefore never a store
 * that was just being made, but one that has lost them. `false` when another process was faster.
 */
export async function createStoreFile(path: string): Promise<boolean> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await (await open(temporary, 'wx', 0o600)).close()
    await makeTables(temporary)
    await syncFile(temporary)
    await link(temporary, path)
    await syncFolder(dirname(path))
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  } finally {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${temporary}${suffix}`, { force: true })
  }
}

async function makeTables(path: string): Promise<void> {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = WAL')
    // Nobody knows this file yet, and it is synced as a whole.
    database.exec('PRAGMA synchronous = OFF')
    await migrate(database)
  } finally {
    database.close()
  }
}

/** After SQLite has closed it: closing a file drops the locks that this process has on it. */
async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
