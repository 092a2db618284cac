import { db, prepared, signInEndEntries } from '@holdfast/store'
import { sql } from 'kysely'
import { endedSignIn } from './ended-sign-in.ts'

/*
 * The statements that complete a sign-in, in their order, behind the one that takes the try. They run as one unit
 * with no turn in between to look at a result, so each one asks the verification itself whether it was this
 * very guess that has succeeded, and each one changes nothing when it was not.
 */

interface Guess {
  verificationId: string
  /** What the statement that took the try has named itself by. */
  changeId: string
}

/**
 * Compares the guess that has just taken its try with the codes that are good, and consumes the verification when
 * it is one of them. What is compared are MACs under a key of ours: how long that takes tells nothing about a
 * code. A try that the right guess took as the last one is given back: a lost answer can be asked for again
 * only as long as another guess may be looked at, as which is which shows only then.
 */
export const consumeVerification = prepared((values: Guess & { nowMs: number; mac: string }) =>
  db
    .updateTable('verifications')
    .set(({ eb, ref }) => ({
      state: 'verified',
      verifiedAtMs: values.nowMs,
      acceptedMac: values.mac,
      attempts: eb
        .case()
        .when('attempts', '<', ref('maxAttempts'))
        .then(ref('attempts'))
        .else(eb('maxAttempts', '-', 1))
        .end(),
    }))
    .where('id', '=', values.verificationId)
    .where('state', '=', 'pending')
    .where('changeId', '=', values.changeId)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('codes')
          .select('codes.number')
          .where('codes.verificationId', '=', values.verificationId)
          .where('codes.mac', '=', values.mac)
          .where('codes.expiresAtMs', '>', values.nowMs),
      ),
    )
    .returning('id'),
)

/** The guess took a try and consumed nothing. */
export const recordWrongGuess = prepared((values: Guess & { nowMs: number }) =>
  db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'detail'])
    .expression(
      db
        .selectFrom('verifications')
        .select(({ val, ref }) => [
          val(values.nowMs).as('atMs'),
          val('guess_wrong').as('event'),
          ref('verifications.id').as('verificationId'),
          sql`'{"try":' || ${ref('attempts')} || ',"of":' || ${ref('maxAttempts')} || '}'`.as('detail'),
        ])
        .where('verifications.id', '=', values.verificationId)
        .where('verifications.changeId', '=', values.changeId)
        .where('verifications.state', '=', 'pending'),
    ),
)

export const insertAccount = prepared((values: Guess & { accountId: string; nowMs: number }) =>
  db
    .insertInto('accounts')
    .columns(['id', 'email', 'createdAtMs'])
    .expression(
      consumedBy(values).select(({ val, ref }) => [
        val(values.accountId).as('id'),
        ref('verifications.email').as('email'),
        val(values.nowMs).as('createdAtMs'),
      ]),
    )
    .onConflict((conflict) => conflict.doNothing()),
)

export const insertSignIn = prepared(
  (
    values: Guess & {
      signInId: string
      sessionKey: string
      kid: string
      nowMs: number
      expiresAtMs: number
    },
  ) =>
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
        consumedBy(values)
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
  (values: Guess & { signInId: string; kid: string; nowMs: number }) =>
    db
      .insertInto('ledger')
      .columns(['atMs', 'event', 'verificationId', 'signInId', 'kid'])
      .expression(
        consumedBy(values).select(({ val, ref }) => [
          val(values.nowMs).as('atMs'),
          val('signed_in').as('event'),
          ref('verifications.id').as('verificationId'),
          val(values.signInId).as('signInId'),
          val(values.kid).as('kid'),
        ]),
      )
      .onConflict((conflict) => conflict.doNothing()),
)

interface PreviousSignIn extends Guess {
  previousSignInId: string
  nowMs: number
}

export const recordPreviousEnded = prepared((values: PreviousSignIn & { detail: string }) =>
  signInEndEntries(
    db
      .selectFrom('signIns')
      .where('signIns.id', '=', values.previousSignInId)
      .where('signIns.endedAtMs', 'is', null)
      .where(({ exists }) => exists(consumedBy(values).select('verifications.id'))),
    { atMs: values.nowMs, event: 'signed_out', reason: 'signed_out', detail: sql`${values.detail}` },
  ),
)

export const endPreviousSignIn = prepared((values: PreviousSignIn) =>
  db
    .updateTable('signIns')
    .set({ endedAtMs: values.nowMs, endReason: 'signed_out' })
    .where('id', '=', values.previousSignInId)
    .where('endedAtMs', 'is', null)
    .where(({ exists }) => exists(consumedBy(values).select('verifications.id')))
    .returning(endedSignIn),
)

/** A code that is no longer needed is not mailed, and not kept where it could be read. */
export const wipeOutbox = prepared((values: Guess) =>
  db
    .updateTable('codes')
    .set({ sealed: null })
    .where('verificationId', '=', values.verificationId)
    .where('sealed', 'is not', null)
    .where(({ exists }) => exists(consumedBy(values).select('verifications.id'))),
)

/** The verification, when it was this guess that has consumed it: no later one takes a try of it. */
function consumedBy({ verificationId, changeId }: Guess) {
  return db
    .selectFrom('verifications')
    .where('verifications.id', '=', verificationId)
    .where('verifications.changeId', '=', changeId)
    .where('verifications.state', '=', 'verified')
}
