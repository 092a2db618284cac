import { closeSync, openSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** Overwrites the first page of a table, or of an index, in a store that nobody has open. */
export function damage(path: string, name: string): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const { page_size: pageSize } = database.prepare('PRAGMA page_size').get() as { page_size: number }
  const { rootpage: page } = database
    .prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?')
    .get(name) as { rootpage: number }
  database.close()
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(pageSize, 0xff), 0, pageSize, (page - 1) * pageSize)
  closeSync(file)
}
