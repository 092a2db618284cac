import type { Reason } from '@holdfast/core'
import { db, prepared, type Query } from '@holdfast/store'
import { findVerification } from './find-verification.ts'
import type { SignInContext } from './sign-in-context.ts'

const wipePending = prepared(({ sessionKey }: { sessionKey: string }) =>
  db
    .updateTable('codes')
    .set({ sealed: null })
    .where('sealed', 'is not', null)
    .where('verificationId', 'in', pendingOf(sessionKey).select('id')),
)

const recordCancelled = prepared((values: { sessionKey: string; nowMs: number; reason: Reason }) =>
  db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'reason'])
    .expression(
      pendingOf(values.sessionKey).select(({ val, ref }) => [
        val(values.nowMs).as('atMs'),
        val('verification_cancelled').as('event'),
        ref('verifications.id').as('verificationId'),
        val(values.reason).as('reason'),
      ]),
    ),
)

const cancelPending = prepared(({ sessionKey }: { sessionKey: string }) =>
  db
    .updateTable('verifications')
    .set({ state: 'cancelled' })
    .where('sessionKey', '=', sessionKey)
    .where('state', '=', 'pending'),
)

/** Ends whatever verification of a session is pending, in this order: its code is mailed no more. */
export function cancelQueries(sessionKey: string, nowMs: number): Query<unknown>[] {
  return [
    wipePending({ sessionKey }),
    recordCancelled({ sessionKey, nowMs, reason: 'verification_cancelled' }),
    cancelPending({ sessionKey }),
  ]
}

/** Ends the session's verification, if it has one that is pending: "use another address". */
export async function cancelVerification(context: SignInContext, sessionKey: string): Promise<void> {
  const verification = await findVerification(context.store, sessionKey)
  if (verification?.state !== 'pending') return
  await context.store.write(...cancelQueries(sessionKey, context.clock()))
  context.tell('verification cancelled', verification)
}

function pendingOf(sessionKey: string) {
  return db
    .selectFrom('verifications')
    .where('verifications.sessionKey', '=', sessionKey)
    .where('verifications.state', '=', 'pending')
}
