import { DatabaseSync } from 'node:sqlite'
import { longestLockWaitMs } from '../src/patience.ts'

/** Somebody else who holds the write lock of a store until it is released. */
export function holdLock(path: string, { waitMs = longestLockWaitMs } = {}): { release(): void } {
  const database = new DatabaseSync(path, { timeout: waitMs })
  try {
    database.exec('BEGIN IMMEDIATE')
  } catch (error) {
    database.close()
    throw error
  }
  return {
    release() {
      database.exec('ROLLBACK')
      database.close()
    },
  }
}
