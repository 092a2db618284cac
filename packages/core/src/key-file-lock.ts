import { constants } from 'node:fs'
import { type FileHandle, lstat, open, rm, stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { isErrno } from './errno.ts'
import { KeyRingError } from './key-ring-error.ts'

const retryMs = 20
const giveUpMs = 15_000
const turns = new Map<string, Promise<unknown>>()

/** Runs `work` under the lock when nobody has it, and else not at all. */
export async function ifKeyFileIsFree(path: string, work: () => Promise<void>): Promise<void> {
  if (turns.has(`${path}.lock`)) return
  const lock = await tryLock(`${path}.lock`)
  if (lock === undefined) return
  try {
    await work()
  } finally {
    await lock.release()
  }
}

/**
 * Runs `work` while no other process, and nobody else in this one, changes the file at `path`. The lock is one
 * of the operating system on `<path>.lock`, so it ends with its process, however that ends; Node has no such
 * lock but the one that SQLite takes. See docs/decisions/0007-the-key-file-lock-is-sqlite.md.
 *
 * @throws {KeyRingError} when another process keeps the lock
 */
export function withKeyFileLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const lockPath = `${path}.lock`
  // Closing any handle of a file ends the locks that its process has on it, so within one process they queue.
  const turn = (turns.get(lockPath) ?? Promise.resolve()).then(() => lockAndRun(lockPath, work))
  const settled = turn.then(
    () => {},
    () => {},
  )
  turns.set(lockPath, settled)
  settled.then(() => {
    if (turns.get(lockPath) === settled) turns.delete(lockPath)
  })
  return turn
}

async function lockAndRun<Result>(lockPath: string, work: () => Promise<Result>): Promise<Result> {
  const deadlineMs = performance.now() + giveUpMs
  for (;;) {
    const lock = await tryLock(lockPath)
    if (lock !== undefined) {
      try {
        return await work()
      } finally {
        await lock.release()
      }
    }
    if (performance.now() > deadlineMs) {
      throw new KeyRingError(`is being changed by another process, which holds ${lockPath}; try again`)
    }
    await wait(retryMs)
  }
}

async function tryLock(lockPath: string): Promise<{ release(): Promise<void> } | undefined> {
  const handle = await openLockFile(lockPath)
  let database: DatabaseSync | undefined
  const close = async () => {
    database?.close()
    await handle.close()
  }
  try {
    database = new DatabaseSync(lockPath, { timeout: 0 })
    // Without a journal of its own, the lock needs no space on a disk that may be full.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    // Whoever had the lock before has removed the file: then this is a lock on nothing.
    if (await isStillAt(lockPath, handle)) {
      return {
        async release() {
          await rm(lockPath, { force: true })
          await close()
        },
      }
    }
  } catch (error) {
    if (!isBusy(error)) {
      await close()
      throw new KeyRingError(
        `cannot be locked by way of ${lockPath} (${(error as Error).message}); remove that file when no holdfast command runs`,
      )
    }
  }
  await close()
  return undefined
}

/** Whatever else stands there is neither followed nor waited for. */
async function openLockFile(lockPath: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    const handle = await open(lockPath, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
    if ((await handle.stat()).isFile()) return handle
    await handle.close()
  } catch (error) {
    const isThere = await lstat(lockPath).catch(() => undefined)
    if (isErrno(error, 'EACCES', 'EPERM') && isThere !== undefined) {
      throw new KeyRingError(
        `cannot be locked: ${lockPath} is not of this user (uid ${process.getuid?.()}); run this as the user of the server`,
      )
    }
    if (!isErrno(error, 'ELOOP', 'EISDIR', 'ENXIO')) throw error
  }
  throw new KeyRingError(`cannot be locked: ${lockPath} is no regular file; remove it`)
}

function isBusy(error: unknown): boolean {
  const busy = 5
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busy
}

/** While the handle is open its inode number is not given to another file. */
async function isStillAt(path: string, handle: FileHandle): Promise<boolean> {
  try {
    const [ours, there] = await Promise.all([handle.stat(), stat(path)])
    return ours.ino === there.ino && ours.dev === there.dev
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false
    throw error
  }
}
