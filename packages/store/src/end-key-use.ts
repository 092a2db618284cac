import type { Reason } from '@holdfast/core'
import { sql } from 'kysely'
import { isLiveSignIn, kidOfBlob, kidOfSeal, type LiveAt } from './key-use.ts'
import { signInEndEntries } from './sign-in-end-entries.ts'
import type { Store } from './store.ts'
import { db } from './tables.ts'

/** What was ended with a key. */
export interface EndedKeyUse {
  signIns: number
  verifications: number
  mails: number
}

/**
 * Ends whatever needs one of the keys, each end with its row in the ledger: nobody can use it any more, and the
 * next start must not ask for the keys again. Doing it twice changes nothing.
 */
export async function endKeyUse(
  store: Store,
  kids: readonly string[],
  { reason, ...at }: LiveAt & { reason: Extract<Reason, 'key_revoked' | 'key_unknown'> },
): Promise<EndedKeyUse> {
  const { nowMs } = at
  if (kids.length === 0) return { signIns: 0, verifications: 0, mails: 0 }
  const [, , , , mails, verifications, signIns] = await store.write(
    forbidRepetition(kids),
    signInEndEntries(db.selectFrom('signIns').where(isLiveSignIn(at)).where(needsAny(kids)), {
      atMs: nowMs,
      event: 'sign_in_ended',
      reason,
    }),
    recordEndedVerifications(kids, nowMs, reason),
    recordUnsentMails(kids, nowMs, reason),
    db
      .updateTable('codes')
      .set({ sealed: null, delivery: 'failed' })
      .where('sealed', 'is not', null)
      .where(({ eb, or }) =>
        or([
          eb(kidOfSeal, 'in', kids),
          eb('verificationId', 'in', pendingWith(kids).select('verifications.id')),
        ]),
      )
      .returning('number'),
    db
      .updateTable('verifications')
      .set({ state: 'cancelled' })
      .where('kid', 'in', kids)
      .where('state', '=', 'pending')
      .whereRef('attempts', '<', 'maxAttempts')
      .returning('id'),
    db
      .updateTable('signIns')
      .set({ endedAtMs: nowMs, endReason: 'ended_by_operator' })
      .where(isLiveSignIn(at))
      .where(needsAny(kids))
      .returning('id'),
  )
  return { signIns: signIns.length, verifications: verifications.length, mails: mails.length }
}

/** Without its key nobody can send the code that succeeded again: nothing waits for that any more. */
function forbidRepetition(kids: readonly string[]) {
  return db
    .updateTable('verifications')
    .set({ acceptedMac: null })
    .where('kid', 'in', kids)
    .where('acceptedMac', 'is not', null)
}

/** The token names one of the keys, or the blob is sealed with one. */
function needsAny(kids: readonly string[]) {
  const list = sql.join(kids)
  return sql<boolean>`(${sql.ref('signIns.kid')} IN (${list}) OR ${sql.ref('signIns.sessionKey')} IN ${db
    .selectFrom('sessionBlobs')
    .select('sessionBlobs.key')
    .where(kidOfBlob, 'in', kids)})`
}

function recordEndedVerifications(kids: readonly string[], nowMs: number, reason: Reason) {
  return db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'kid', 'reason'])
    .expression(
      pendingWith(kids).select(({ val, ref }) => [
        val(nowMs).as('atMs'),
        val('verification_cancelled').as('event'),
        ref('verifications.id').as('verificationId'),
        ref('verifications.kid').as('kid'),
        val(reason).as('reason'),
      ]),
    )
}

/** A code that was asked for again may be sealed with a key that its verification, which goes on, does not need. */
function recordUnsentMails(kids: readonly string[], nowMs: number, reason: Reason) {
  return db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'kid', 'reason'])
    .expression(
      db
        .selectFrom('codes')
        .select(({ val, ref }) => [
          val(nowMs).as('atMs'),
          val('code_not_deliverable').as('event'),
          ref('verificationId').as('verificationId'),
          kidOfSeal.as('kid'),
          val(reason).as('reason'),
        ])
        .where('sealed', 'is not', null)
        .where(kidOfSeal, 'in', kids)
        .where('verificationId', 'not in', pendingWith(kids).select('verifications.id')),
    )
}

/** One whose tries are spent is over already, and goes on to say so. */
function pendingWith(kids: readonly string[]) {
  return db
    .selectFrom('verifications')
    .where('verifications.kid', 'in', kids)
    .where('verifications.state', '=', 'pending')
    .whereRef('verifications.attempts', '<', 'verifications.maxAttempts')
}
