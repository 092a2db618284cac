import type { Reason } from '@holdfast/core'
import { db } from '../store/tables.ts'

export type LedgerEvent =
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

/** One row of the append-only record of what happened, to be written together with the change itself. */
export function ledgerEntry(entry: LedgerEntry) {
  return db.insertInto('ledger').values(entry)
}
