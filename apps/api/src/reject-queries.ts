import type { Reason } from '@holdfast/core'
import { db, prepared, type Query } from '@holdfast/store'
import { sql } from 'kysely'

/** For so long one row says that a record is refused for one reason. */
export const oneRowForMs = 60_000

interface RejectEntry {
  atMs: number
  notSinceMs: number
  reason: Reason
  detail: string
}

const rejectOfSignIn = prepared((entry: RejectEntry & { signInId: string }) =>
  db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'signInId', 'kid', 'reason', 'detail'])
    .expression(
      db
        .selectFrom('signIns')
        .select(({ val, ref }) => [
          val(entry.atMs).as('atMs'),
          val('rejected').as('event'),
          ref('signIns.verificationId').as('verificationId'),
          ref('signIns.id').as('signInId'),
          ref('signIns.kid').as('kid'),
          val(entry.reason).as('reason'),
          val(entry.detail).as('detail'),
        ])
        .where('signIns.id', '=', entry.signInId)
        .where(isNew('signInId', 'signIns.id', entry)),
    ),
)

const rejectOfVerification = prepared((entry: RejectEntry & { reference: string }) =>
  db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'kid', 'reason', 'detail'])
    .expression(
      db
        .selectFrom('verifications')
        .select(({ val, ref }) => [
          val(entry.atMs).as('atMs'),
          val('rejected').as('event'),
          ref('verifications.id').as('verificationId'),
          ref('verifications.kid').as('kid'),
          val(entry.reason).as('reason'),
          val(entry.detail).as('detail'),
        ])
        .where('verifications.reference', '=', entry.reference)
        .where(isNew('verificationId', 'verifications.id', entry)),
    ),
)

/**
 * The row that says that the holder of a record was refused, unless any process has written the like within the
 * last minute: nobody fills the disk by asking again.
 */
export function rejectQuery(values: {
  atMs: number
  code: string
  reason: Reason
  signInId?: string | undefined
  reference?: string | undefined
}): Query<unknown> | undefined {
  const { atMs, code, reason, signInId, reference } = values
  const entry = { atMs, notSinceMs: atMs - oneRowForMs, reason, detail: JSON.stringify({ code }) }
  if (signInId !== undefined) return rejectOfSignIn({ ...entry, signInId })
  if (reference !== undefined) return rejectOfVerification({ ...entry, reference })
  return undefined
}

function isNew(
  column: 'signInId' | 'verificationId',
  id: 'signIns.id' | 'verifications.id',
  entry: RejectEntry,
) {
  // A row of the future was written before the clock was set back.
  return sql<boolean>`NOT EXISTS ${db
    .selectFrom('ledger')
    .select('ledger.id')
    .whereRef(`ledger.${column}`, '=', sql.ref(id))
    .where('ledger.event', '=', 'rejected')
    .where('ledger.reason', '=', entry.reason)
    .where('ledger.atMs', '>', entry.notSinceMs)
    .where('ledger.atMs', '<=', entry.atMs)}`
}
