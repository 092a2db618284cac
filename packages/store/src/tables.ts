import type { Delivery } from '@holdfast/core'
import {
  DummyDriver,
  type Generated,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

/*
 * The tables, column by column. Columns are named as the records in code are, so that a row is a record.
 * Times are integers: milliseconds since the epoch.
 */

export interface Tables {
  meta: { key: string; value: string }
  accounts: { id: string; email: string; createdAtMs: number }
  verifications: VerificationRow
  codes: CodeRow
  signIns: SignInRow
  ledger: LedgerRow
  limits: LimitRow
  /** Kept by Keyv; here only to see which key a blob is sealed with. */
  sessionBlobs: { key: string; value: string; namespace: string }
  devMails: { id: string; recipient: string; sealed: string; atMs: number }
}

export interface VerificationRow {
  id: string
  reference: string
  /** SHA-256 of the id of the one session it belongs to. */
  sessionKey: string
  kid: string
  type: 'login' | 'signup'
  email: string
  state: 'pending' | 'verified' | 'cancelled'
  attempts: number
  maxAttempts: number
  sends: number
  codeLength: number
  createdAtMs: number
  sentAtMs: number
  resendAtMs: number
  expiresAtMs: number
  verifiedAtMs: number | null
  /** The MAC of the code that succeeded: the same code again is a repetition, not a guess. */
  acceptedMac: string | null
  /** What its guesses came to: each counts once for every code that it could have hit. */
  chances: number
  /** Names the request that changed the row last: the statements after that one ask whether it was theirs. */
  changeId: string | null
  /** The language of its mails, as a BCP 47 tag; null for English, and in rows of an older version. */
  language: string | null
}

export interface CodeRow {
  verificationId: string
  /** 1 for the first code of a verification, 2 for its first resend. */
  number: number
  mac: string
  email: string
  /** The code itself, sealed, until its mail is handed over: this row is also the outbox row. */
  sealed: string | null
  expiresAtMs: number
  delivery: Delivery
  tries: number
  /** Not before this time may a process take the row to send it. */
  dueAtMs: number
  /** Null in rows of an older version. */
  askedAtMs: number | null
  /** A hash that names the request which asked for it, where that had an Idempotency-Key: no other row has it. */
  askingRequest: string | null
  /** Which server is handing the mail over, until it says what came of it; null when none is. */
  leasedBy: string | null
}

export interface SignInRow {
  id: string
  accountId: string
  verificationId: string
  sessionKey: string
  /** The key that the session's cookie or token is signed with. */
  kid: string
  authTimeMs: number
  lastSeenAtMs: number
  expiresAtMs: number
  endedAtMs: number | null
  endReason: 'signed_out' | 'ended_by_user' | 'ended_by_operator' | null
}

/** One budget: what was spent in the window that runs. */
export interface LimitRow {
  key: string
  count: number
  windowEndsAtMs: number
  /** Past the budget: not before this time may anything more be spent. */
  waitUntilMs: number | null
}

export interface LedgerRow {
  id: Generated<number>
  atMs: number
  event: string
  verificationId: string | null
  signInId: string | null
  kid: string | null
  reason: string | null
  /** JSON: what else is to be told, without a secret in it. */
  detail: string | null
}

/** Builds queries and runs none: the store runs them, so that all writes share its group commit. */
export const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})
