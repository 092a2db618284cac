import type { Evidence, Violation } from './evidence.ts'

/** I8: SQLite finds nothing wrong with the file. */
export function storeIntegrity({ rows }: Evidence): Violation[] {
  const faults = rows.integrity.filter((line) => line !== 'ok')
  if (rows.integrity.length === 0) faults.push('the check of the file said nothing')
  if (rows.brokenReferences > 0) faults.push(`${rows.brokenReferences} rows name rows that are not there`)
  return faults.map((what) => ({ invariant: 'I8', what, operations: [] }))
}
