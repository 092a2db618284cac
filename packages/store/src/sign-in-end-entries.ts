import type { Reason } from '@holdfast/core'
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { LedgerEntry } from './ledger.ts'
import { db, type Tables } from './tables.ts'

interface SignInEnd {
  atMs: number
  event: Extract<LedgerEntry['event'], 'signed_out' | 'sign_in_ended'>
  reason: Reason
  /** JSON. */
  detail?: RawBuilder<string | null>
}

/** A row of the ledger for each of the sign-ins, to be written together with their end and before it. */
export function signInEndEntries(
  signIns: SelectQueryBuilder<Tables, 'signIns', object>,
  { atMs, event, reason, detail = sql`NULL` }: SignInEnd,
) {
  return db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'signInId', 'kid', 'reason', 'detail'])
    .expression(
      signIns
        .clearSelect()
        .select(({ val, ref }) => [
          val(atMs).as('atMs'),
          val(event).as('event'),
          ref('signIns.id').as('signInId'),
          ref('signIns.kid').as('kid'),
          val(reason).as('reason'),
          detail.as('detail'),
        ]),
    )
}
