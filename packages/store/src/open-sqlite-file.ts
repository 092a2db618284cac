import { DatabaseSync } from 'node:sqlite'
import { longestLockWaitMs } from './patience.ts'

/**
 * Opens the file and sets it up to survive a power cut: WAL with an fsync for each commit.
 *
 * @throws {Error} when the SQLite that Node brings is one of those that can corrupt a WAL (before 3.51.3)
 */
export function openSqliteFile(path: string): DatabaseSync {
  // While a server starts nobody waits for it, and it may sleep in SQLite.
  const database = new DatabaseSync(path, { timeout: longestLockWaitMs, enableForeignKeyConstraints: true })
  const { version } = database.prepare('SELECT sqlite_version() AS version').get() as { version: string }
  if (version.localeCompare('3.51.3', 'en', { numeric: true }) < 0) {
    throw new Error(`SQLite ${version} can corrupt a WAL file; Holdfast needs 3.51.3 or later`)
  }
  enterWalMode(database)
  database.exec('PRAGMA synchronous = FULL')
  // By default every thousandth page brings two more fsyncs, and pages of a busy hour do not fit the cache.
  database.exec('PRAGMA wal_autocheckpoint = 4000')
  database.exec('PRAGMA cache_size = -65536')
  // While somebody else reads, the log only grows. Afterwards it is to give the disk back.
  database.exec('PRAGMA journal_size_limit = 67108864')
  return database
}

/** The switch to WAL does not wait for a lock as other statements do, and twelve processes may start at once. */
function enterWalMode(database: DatabaseSync): void {
  const deadlineMs = Date.now() + longestLockWaitMs
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (Date.now() > deadlineMs) throw error
    }
  }
}
