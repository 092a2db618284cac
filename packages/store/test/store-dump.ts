import { DatabaseSync } from 'node:sqlite'

/** Every row of every table, read by another connection: only what is committed. Readiness probes do not count. */
export function dumpStore(path: string): Record<string, unknown[]> {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const tables = database
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all()
      .map((row) => String(row.name))
    return Object.fromEntries(tables.map((table) => [table, rowsOf(database, table)]))
  } finally {
    database.close()
  }
}

/** The rows of one query, read by another connection. */
export function readStore(path: string, sql: string, ...parameters: string[]): Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare(sql).all(...parameters)
  } finally {
    database.close()
  }
}

function rowsOf(database: DatabaseSync, table: string): unknown[] {
  const where = table === 'meta' ? "WHERE key <> 'readiness'" : ''
  return database.prepare(`SELECT * FROM "${table}" ${where} ORDER BY rowid`).all()
}
