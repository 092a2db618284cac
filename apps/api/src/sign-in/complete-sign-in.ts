import { randomBytes } from 'node:crypto'
import { sessionKeyOf, signedInSessionIdFor, signInIdFor } from '@holdfast/core'
import { db, type SignInRow, type VerificationRow } from '../store/tables.ts'
import { ledgerEntry } from './ledger.ts'
import { readSignIn } from './read-sign-in.ts'
import type { SignInContext } from './sign-in-context.ts'

export interface CompletedSignIn {
  signIn: SignInRow
  account: { id: string; email: string }
  /** The id of the session that takes the place of the verification's own. (ASVS 7.2.4) */
  sessionId: string
}

/**
 * Turns a verification whose code was right into a sign-in: verified, account, sign-in and ledger in one
 * step, each one conditional on the first and unchanged by a repetition. `undefined` when the verification
 * was no longer pending: another right code was first, or it was cancelled.
 */
export async function completeSignIn(
  context: SignInContext,
  verification: VerificationRow,
  acceptedMac: string,
  previousSignInId: string | undefined,
): Promise<CompletedSignIn | undefined> {
  const nowMs = context.clock()
  const { signInId, sessionId } = derivedIds(context, verification)
  const verified = db
    .selectFrom('verifications')
    .where('verifications.id', '=', verification.id)
    .where('verifications.state', '=', 'verified')
  const [consumed] = await context.store.write(
    db
      .updateTable('verifications')
      .set({ state: 'verified', verifiedAtMs: nowMs, acceptedMac })
      .where('id', '=', verification.id)
      .where('state', '=', 'pending')
      .returning('id'),
    db
      .insertInto('accounts')
      .columns(['id', 'email', 'createdAtMs'])
      .expression(
        verified.select(({ val, ref }) => [
          val(randomBytes(16).toString('base64url')).as('id'),
          ref('verifications.email').as('email'),
          val(nowMs).as('createdAtMs'),
        ]),
      )
      .onConflict((conflict) => conflict.doNothing()),
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
        verified
          .innerJoin('accounts', 'accounts.email', 'verifications.email')
          .select(({ val, ref }) => [
            val(signInId).as('id'),
            ref('accounts.id').as('accountId'),
            ref('verifications.id').as('verificationId'),
            val(sessionKeyOf(sessionId)).as('sessionKey'),
            val(context.keyRing().signingKid).as('kid'),
            val(nowMs).as('authTimeMs'),
            val(nowMs).as('lastSeenAtMs'),
            val(nowMs + context.policy.absoluteMs).as('expiresAtMs'),
          ]),
      )
      .onConflict((conflict) => conflict.doNothing()),
    db
      .insertInto('ledger')
      .columns(['atMs', 'event', 'verificationId', 'signInId'])
      .expression(
        verified.select(({ val, ref }) => [
          val(nowMs).as('atMs'),
          val('signed_in').as('event'),
          ref('verifications.id').as('verificationId'),
          val(signInId).as('signInId'),
        ]),
      )
      .onConflict((conflict) => conflict.doNothing()),
    db
      .updateTable('signIns')
      .set({ endedAtMs: nowMs, endReason: 'signed_out' })
      .where('id', '=', previousSignInId ?? '')
      .where('endedAtMs', 'is', null)
      .where(({ exists }) => exists(verified.select('verifications.id'))),
    wipeOutbox(verification.id),
  )
  return consumed.length === 0 ? undefined : readCompleted(context, signInId, sessionId)
}

/**
 * Answers the code that succeeded once more, for a client that never got the first answer. A wrong code
 * here is a guess like any other and counts against what is left of the budget.
 */
export async function repeatSignIn(
  context: SignInContext,
  verification: VerificationRow,
  mac: string,
): Promise<CompletedSignIn | undefined> {
  const { signInId, sessionId } = derivedIds(context, verification)
  const [rows] = await context.store.write(
    db
      .updateTable('verifications')
      .set(({ eb, ref }) => ({
        attempts: eb
          .case()
          .when('acceptedMac', '=', mac)
          .then(ref('attempts'))
          .else(eb('attempts', '+', 1))
          .end(),
      }))
      .where('id', '=', verification.id)
      .where('state', '=', 'verified')
      .whereRef('attempts', '<=', 'maxAttempts')
      .returning(['acceptedMac']),
  )
  if (rows[0]?.acceptedMac !== mac) return undefined
  await context.store.write(
    ledgerEntry({
      atMs: context.clock(),
      event: 'sign_in_repeated',
      verificationId: verification.id,
      signInId,
    }),
  )
  const completed = await readCompleted(context, signInId, sessionId)
  return completed?.signIn.endedAtMs === null ? completed : undefined
}

async function readCompleted(
  context: SignInContext,
  signInId: string,
  sessionId: string,
): Promise<CompletedSignIn | undefined> {
  const found = await readSignIn(context.store, signInId)
  return found === undefined ? undefined : { ...found, sessionId }
}

/** A code that is no longer needed is not mailed, and not kept where it could be read. */
export function wipeOutbox(verificationId: string) {
  return db
    .updateTable('codes')
    .set({ sealed: null })
    .where('verificationId', '=', verificationId)
    .where('sealed', 'is not', null)
}

/** Derived from the verification, so that whoever repeats the step arrives at the same sign-in and session. */
function derivedIds({ keyRing, store }: SignInContext, verification: VerificationRow) {
  const ring = keyRing()
  return {
    signInId: signInIdFor(ring, verification.kid, verification.id),
    sessionId: signedInSessionIdFor(ring, verification.kid, verification.id, store.generation),
  }
}
