import { db, prepared } from '@holdfast/store'
import { endedSignIn } from './ended-sign-in.ts'

/*
 * The statements that complete a sign-in, in their order. They run as one unit with no turn in between to
 * look at a result, so each one asks the verification itself whether the first has succeeded, and each one
 * changes nothing when it is repeated.
 */

/**
 * A try that the right guess took as the last one is given back: a lost answer can be asked for again only as
 * long as another guess may be looked at, as which is which shows only then.
 */
export const consumeVerification = prepared(
  (values: { verificationId: string; nowMs: number; acceptedMac: string }) =>
    db
      .updateTable('verifications')
      .set(({ eb, ref }) => ({
        state: 'verified',
        verifiedAtMs: values.nowMs,
        acceptedMac: values.acceptedMac,
        attempts: eb
          .case()
          .when('attempts', '<', ref('maxAttempts'))
          .then(ref('attempts'))
          .else(eb('maxAttempts', '-', 1))
          .end(),
      }))
      .where('id', '=', values.verificationId)
      .where('state', '=', 'pending')
      .returning('id'),
)

export const insertAccount = prepared(
  (values: { verificationId: string; accountId: string; nowMs: number }) =>
    db
      .insertInto('accounts')
      .columns(['id', 'email', 'createdAtMs'])
      .expression(
        verified(values.verificationId).select(({ val, ref }) => [
          val(values.accountId).as('id'),
          ref('verifications.email').as('email'),
          val(values.nowMs).as('createdAtMs'),
        ]),
      )
      .onConflict((conflict) => conflict.doNothing()),
)

export const insertSignIn = prepared(
  (values: {
    verificationId: string
    signInId: string
    sessionKey: string
    kid: string
    nowMs: number
    expiresAtMs: number
  }) =>
    db
      .insertInto('signIns')
      .columns([
        'id',
        'accountId',
        'verificationId',
        'sessionKey',
        'kid',
        'authTimeMs',
        'lastSeenAtMs',
        'expiresAtMs',
      ])
      .expression(
        verified(values.verificationId)
          .innerJoin('accounts', 'accounts.email', 'verifications.email')
          .select(({ val, ref }) => [
            val(values.signInId).as('id'),
            ref('accounts.id').as('accountId'),
            ref('verifications.id').as('verificationId'),
            val(values.sessionKey).as('sessionKey'),
            val(values.kid).as('kid'),
            val(values.nowMs).as('authTimeMs'),
            val(values.nowMs).as('lastSeenAtMs'),
            val(values.expiresAtMs).as('expiresAtMs'),
          ]),
      )
      .onConflict((conflict) => conflict.doNothing()),
)

export const insertSignedInEntry = prepared(
  (values: { verificationId: string; signInId: string; kid: string; nowMs: number }) =>
    db
      .insertInto('ledger')
      .columns(['atMs', 'event', 'verificationId', 'signInId', 'kid'])
      .expression(
        verified(values.verificationId).select(({ val, ref }) => [
          val(values.nowMs).as('atMs'),
          val('signed_in').as('event'),
          ref('verifications.id').as('verificationId'),
          val(values.signInId).as('signInId'),
          val(values.kid).as('kid'),
        ]),
      )
      .onConflict((conflict) => conflict.doNothing()),
)

export const recordPreviousEnded = prepared(
  (values: { verificationId: string; previousSignInId: string; nowMs: number; detail: string }) =>
    db
      .insertInto('ledger')
      .columns(['atMs', 'event', 'signInId', 'reason', 'detail'])
      .expression(
        db
          .selectFrom('signIns')
          .select(({ val, ref }) => [
            val(values.nowMs).as('atMs'),
            val('signed_out').as('event'),
            ref('signIns.id').as('signInId'),
            val('signed_out').as('reason'),
            val(values.detail).as('detail'),
          ])
          .where('signIns.id', '=', values.previousSignInId)
          .where('signIns.endedAtMs', 'is', null)
          .where(({ exists }) => exists(verified(values.verificationId).select('verifications.id'))),
      ),
)

export const endPreviousSignIn = prepared(
  (values: { verificationId: string; previousSignInId: string; nowMs: number }) =>
    db
      .updateTable('signIns')
      .set({ endedAtMs: values.nowMs, endReason: 'signed_out' })
      .where('id', '=', values.previousSignInId)
      .where('endedAtMs', 'is', null)
      .where(({ exists }) => exists(verified(values.verificationId).select('verifications.id')))
      .returning(endedSignIn),
)

/** A code that is no longer needed is not mailed, and not kept where it could be read. */
export const wipeOutbox = prepared(({ verificationId }: { verificationId: string }) =>
  db
    .updateTable('codes')
    .set({ sealed: null })
    .where('verificationId', '=', verificationId)
    .where('sealed', 'is not', null),
)

/** Takes a try, unless this is the code that was accepted: sending that one again is no guess. */
export const takeRepetition = prepared((values: { verificationId: string; mac: string }) =>
  db
    .updateTable('verifications')
    .set(({ eb, ref }) => ({
      attempts: eb
        .case()
        .when('acceptedMac', '=', values.mac)
        .then(ref('attempts'))
        .else(eb('attempts', '+', 1))
        .end(),
    }))
    .where('id', '=', values.verificationId)
    .where('state', '=', 'verified')
    .whereRef('attempts', '<', 'maxAttempts')
    .returning('acceptedMac'),
)

function verified(verificationId: string) {
  return db
    .selectFrom('verifications')
    .where('verifications.id', '=', verificationId)
    .where('verifications.state', '=', 'verified')
}
