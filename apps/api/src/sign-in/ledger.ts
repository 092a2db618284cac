import type { Reason } from '@holdfast/core'
import { prepared } from '../store/prepared.ts'
import type { Query } from '../store/store.ts'
import { db, type LedgerRow } from '../store/tables.ts'

type LedgerEvent =
  | 'server_started'
  | 'server_stopped'
  | 'code_asked'
  | 'code_asked_again'
  | 'code_handed_over'
  | 'code_delayed'
  | 'code_not_deliverable'
  | 'guess_wrong'
  | 'verification_cancelled'
  | 'signed_in'
  | 'sign_in_repeated'
  | 'signed_out'

export interface LedgerEntry {
  atMs: number
  event: LedgerEvent
  verificationId?: string
  signInId?: string
  kid?: string
  reason?: Reason
}

const insertEntry = prepared((row: Omit<LedgerRow, 'id'>) => db.insertInto('ledger').values(row))

/** One row of the append-only record of what happened, to be written together with the change itself. */
export function ledgerEntry(entry: LedgerEntry): Query<unknown> {
  return insertEntry({
    atMs: entry.atMs,
    event: entry.event,
    verificationId: entry.verificationId ?? null,
    signInId: entry.signInId ?? null,
    kid: entry.kid ?? null,
    reason: entry.reason ?? null,
  })
}
