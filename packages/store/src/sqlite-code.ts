/** Primary result codes of SQLite. (https://sqlite.org/rescode.html) */
export const sqliteCode = {
  error: 1,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  constraint: 19,
  noDatabase: 26,
} as const

/** 0 for an error that is not SQLite's. */
export function sqliteCodeOf(error: unknown): number {
  const isOfSqlite = error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
  return isOfSqlite && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}

/** A row is there already that must be the only one of its kind. */
export function isDuplicate(error: unknown): boolean {
  return sqliteCodeOf(error) === sqliteCode.constraint && (error as Error).message.startsWith('UNIQUE')
}

/** Somebody else holds a lock, or has won the race for one. */
export function isHeldByOthers(error: unknown): boolean {
  const code = sqliteCodeOf(error)
  return code === sqliteCode.busy || code === sqliteCode.locked || code === sqliteCode.protocol
}

/** The file is not as it should be, or its first page is none of a database. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCodeOf(error)
  return code === sqliteCode.corrupt || code === sqliteCode.noDatabase
}
