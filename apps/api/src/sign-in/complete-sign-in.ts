import { isSameMac, type KeyRing, sessionKeyOf, signedInSessionIdFor, signInIdFor } from '@holdfast/core'
import { createRecordId, type SignInRow, type VerificationRow } from '@holdfast/store'
import {
  consumeVerification,
  endPreviousSignIn,
  insertAccount,
  insertSignedInEntry,
  insertSignIn,
  recordPreviousEnded,
  recordWrongGuess,
  wipeOutbox,
} from './completion-queries.ts'
import { type EndedSignIn, tellEnded } from './ended-sign-in.ts'
import { type CountedGuess, giveBackQueries } from './guess-limit.ts'
import { whySignInEnded } from './own-sign-in.ts'
import { readSignIn } from './read-sign-in.ts'
import { recordRepetition, takeRepetition } from './repetition-queries.ts'
import type { SignInContext } from './sign-in-context.ts'

/** What completes a sign-in works with. */
export interface CompletionContext extends SignInContext {
  /**
   * The ring that has the verification's key, one for all steps: a key that a reload revokes half way through
   * must not fail the other half. What the sign-in needs from here on is signed by the ring of the moment.
   */
  verificationRing: KeyRing
}

export interface CompletedSignIn {
  signIn: SignInRow
  account: { id: string; email: string }
  /** The id of the session that takes the place of the verification's own. (ASVS 7.2.4) */
  sessionId: string
}

/**
 * What turns a verification into a sign-in when the guess is right, as the last part of the unit that counts it:
 * verified, account, sign-in and ledger, or one more wrong guess in the ledger. The first of the queries returns
 * a row when the guess was right, the third the sign-in that the new one takes the place of.
 */
export function completionQueries(
  context: CompletionContext,
  verification: VerificationRow,
  guess: CountedGuess & { mac: string },
  previousSignInId: string | undefined,
) {
  const { nowMs } = guess
  const { signInId, sessionId } = derivedIds(context, verification)
  const kid = context.keyRing().signingKid
  const previous = { ...guess, previousSignInId: previousSignInId ?? '' }
  return [
    consumeVerification(guess),
    recordPreviousEnded({ ...previous, detail: JSON.stringify({ replacedBy: signInId }) }),
    endPreviousSignIn(previous),
    recordWrongGuess(guess),
    ...giveBackQueries(guess),
    insertAccount({ ...guess, accountId: createRecordId(nowMs) }),
    insertSignIn({
      ...guess,
      signInId,
      sessionKey: sessionKeyOf(sessionId),
      kid,
      expiresAtMs: nowMs + context.policy.absoluteMs,
    }),
    insertSignedInEntry({ ...guess, signInId, kid }),
    wipeOutbox(guess),
  ] as const
}

/** The sign-in that a right guess has led to, once the unit is written. */
export async function readSignedIn(
  context: CompletionContext,
  verification: VerificationRow,
  ended: readonly EndedSignIn[],
): Promise<CompletedSignIn | undefined> {
  const { signInId, sessionId } = derivedIds(context, verification)
  tellEnded(context.tell, 'signed out', ended, { replacedBy: signInId })
  const completed = await readCompleted(context, signInId, sessionId)
  if (completed !== undefined) {
    context.tell('signed in', { ...verification, kid: completed.signIn.kid }, { signInId })
  }
  return completed
}

/**
 * Answers the code that succeeded once more, for a client that never got the first answer. A wrong code
 * here takes a try as any other does, and once none is left no repetition is answered either.
 */
export async function repeatSignIn(
  context: CompletionContext,
  verification: VerificationRow,
  mac: string,
): Promise<CompletedSignIn | undefined> {
  const verificationId = verification.id
  const { signInId, sessionId } = derivedIds(context, verification)
  const [rows] = await context.store.write(takeRepetition({ verificationId, mac }))
  if (!isSameMac(rows[0]?.acceptedMac ?? '', mac)) return undefined
  const completed = await readCompleted(context, signInId, sessionId)
  if (completed === undefined || whySignInEnded(completed.signIn, context) !== undefined) return undefined
  const { kid } = completed.signIn
  await context.store.write(recordRepetition({ verificationId, signInId, kid, nowMs: context.clock() }))
  context.tell('sign-in repeated', { ...verification, kid }, { signInId })
  return completed
}

async function readCompleted(
  context: SignInContext,
  signInId: string,
  sessionId: string,
): Promise<CompletedSignIn | undefined> {
  const found = await readSignIn(context.store, signInId)
  return found === undefined ? undefined : { ...found, sessionId }
}

/** Derived from the verification, so that whoever repeats the step arrives at the same sign-in and session. */
function derivedIds({ verificationRing: ring, store }: CompletionContext, verification: VerificationRow) {
  return {
    signInId: signInIdFor(ring, verification.kid, verification.id),
    sessionId: signedInSessionIdFor(ring, verification.kid, verification.id, store.generation),
  }
}
