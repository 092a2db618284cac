import type { Reason } from '@holdfast/core'
import { prepared } from './prepared.ts'
import type { Query } from './store.ts'
import { db, type LedgerRow } from './tables.ts'

type LedgerEvent =
  | 'server_started'
  | 'server_stopped'
  | 'server_crashed'
  | 'store_copied'
  | 'code_asked'
  | 'code_asked_again'
  | 'code_handed_over'
  | 'code_delayed'
  | 'code_interrupted'
  | 'code_expired_unsent'
  | 'code_not_deliverable'
  | 'guess_wrong'
  | 'verification_cancelled'
  | 'signed_in'
  | 'sign_in_repeated'
  | 'signed_out'
  | 'sign_in_ended'
  | 'rejected'
  | 'key_ring_created'
  | 'key_ring_replaced'
  | 'key_ring_reloaded'
  | 'key_ring_reload_refused'
  | 'key_staged'
  | 'key_signs'
  | 'key_added'
  | 'key_retired'
  | 'key_revoked'

export interface LedgerEntry {
  atMs: number
  event: LedgerEvent
  verificationId?: string
  signInId?: string
  kid?: string
  reason?: Reason
  /** What else is to be told: plain values, and never a code, token, key or address. */
  detail?: Record<string, string | number | boolean | null>
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
    detail: entry.detail === undefined ? null : JSON.stringify(entry.detail),
  })
}
