import { execFileSync } from 'node:child_process'
import { DatabaseSync } from 'node:sqlite'

/** Run by a process of its own: whoever closes the file by other ways than SQLite's drops the locks it has on it. */
const overwrite = `
  const { closeSync, openSync, writeSync } = require('node:fs')
  const [path, at, length] = process.argv.slice(1)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(Number(length), 0xff), 0, Number(length), Number(at))
  closeSync(file)
`

/** Overwrites the first page of a table, or of an index, in the file of a store. */
export function damage(path: string, name: string): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const { page_size: pageSize } = database.prepare('PRAGMA page_size').get() as { page_size: number }
  const { rootpage: page } = database
    .prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?')
    .get(name) as { rootpage: number }
  database.close()
  execFileSync(process.execPath, ['-e', overwrite, path, String((page - 1) * pageSize), String(pageSize)])
}
