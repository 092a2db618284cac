import { lstat, utimes } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { isErrno } from '@holdfast/core'

/** What a process keeps for as long as it lives. */
export interface LifeMark {
  /** Notes that the process lives now: in the file's own time, so that nothing has to be written. */
  touch(): Promise<void>
  /** Lets go of the lock. The file stays until somebody has recorded how the process ended. */
  release(): void
}

/** Where a server that uses the store leaves its mark. */
export function lifeMarkPath(storePath: string, instance: string): string {
  return `${storePath}-running-${instance}`
}

/**
 * Locks a file for as long as this process lives. The kernel ends the lock with the process, however that ends,
 * also in a container where process ids repeat. Nobody else in this process may open the file: closing any
 * handle of it would end the lock. See docs/decisions/0010-a-living-server-holds-a-lock.md.
 */
export function holdLifeMark(path: string): LifeMark {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    throw error
  }
  return {
    async touch() {
      const now = new Date()
      await utimes(path, now, now)
    },
    release() {
      database.close()
    },
  }
}

/** What a mark says of its process; `missing` where there is none. */
export type LifeSign = { state: 'alive' | 'gone'; lastAliveAtMs: number } | { state: 'missing' }

/** Looks at the mark of another process, without taking its lock. */
export async function readLifeMark(path: string): Promise<LifeSign> {
  try {
    const mark = await lstat(path)
    // No server leaves anything but a file, and to open a pipe would wait for ever.
    const isAlive = mark.isFile() && isLocked(path)
    return { state: isAlive ? 'alive' : 'gone', lastAliveAtMs: Math.floor(mark.mtimeMs) }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { state: 'missing' }
    throw error
  }
}

function isLocked(path: string): boolean {
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 0 })
    try {
      database.prepare('SELECT name FROM sqlite_schema').all()
      return false
    } finally {
      database.close()
    }
  } catch {
    // Busy, as a rule. Whatever cannot be read does not show that its process is gone.
    return true
  }
}
