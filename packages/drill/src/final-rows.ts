import { DatabaseSync } from 'node:sqlite'

/** What the store holds in the end. */
export interface FinalRows {
  verifications: {
    id: string
    reference: string
    email: string
    state: string
    attempts: number
    maxAttempts: number
  }[]
  signIns: { id: string; verificationId: string; email: string; endedAtMs: number | null }[]
  /** Of the ledger: how often each sign-in was made. */
  signedIn: { signInId: string; times: number }[]
  /** What SQLite's own check says: `ok`, or what is broken. */
  integrity: string[]
  brokenReferences: number
}

/** Reads the file, which no server may have open. */
export function readFinalRows(path: string): FinalRows {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const all = (sql: string) => database.prepare(sql).all() as unknown[]
    return {
      verifications: all(
        'SELECT id, reference, email, state, attempts, maxAttempts FROM verifications',
      ) as FinalRows['verifications'],
      signIns: all(
        'SELECT s.id, s.verificationId, a.email, s.endedAtMs FROM signIns s JOIN accounts a ON a.id = s.accountId',
      ) as FinalRows['signIns'],
      signedIn: all(
        "SELECT signInId, COUNT(*) AS times FROM ledger WHERE event = 'signed_in' GROUP BY signInId",
      ) as FinalRows['signedIn'],
      integrity: (all('PRAGMA integrity_check') as { integrity_check: string }[]).map(
        (row) => row.integrity_check,
      ),
      brokenReferences: all('PRAGMA foreign_key_check').length,
    }
  } finally {
    database.close()
  }
}
