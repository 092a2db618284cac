import { isSameMac, type KeyRing, sessionKeyOf, signedInSessionIdFor, signInIdFor } from '@holdfast/core'
import { createRecordId, ledgerEntry, type SignInRow, type VerificationRow } from '@holdfast/store'
import {
  consumeVerification,
  endPreviousSignIn,
  insertAccount,
  insertSignedInEntry,
  insertSignIn,
  recordPreviousEnded,
  takeRepetition,
  wipeOutbox,
} from './completion-queries.ts'
import { tellEnded } from './ended-sign-in.ts'
import { giveBackQueries, guessLimitOf } from './guess-limit.ts'
import { readSignIn } from './read-sign-in.ts'
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
 * Turns a verification whose code was right into a sign-in: verified, account, sign-in and ledger in one
 * step, each one conditional on the first and unchanged by a repetition. `undefined` when the verification
 * was no longer pending: another right code was first, or it was cancelled.
 */
export async function completeSignIn(
  context: CompletionContext,
  verification: VerificationRow,
  acceptedMac: string,
  previousSignInId: string | undefined,
): Promise<CompletedSignIn | undefined> {
  const nowMs = context.clock()
  const verificationId = verification.id
  const { signInId, sessionId } = derivedIds(context, verification)
  const kid = context.keyRing().signingKid
  const previous = { verificationId, previousSignInId: previousSignInId ?? '', nowMs }
  const [, , consumed, , , , , ended] = await context.store.write(
    ...giveBackQueries({ verificationId, nowMs, ...guessLimitOf(context, verification.email) }),
    consumeVerification({ verificationId, nowMs, acceptedMac }),
    insertAccount({ verificationId, accountId: createRecordId(nowMs), nowMs }),
    insertSignIn({
      verificationId,
      signInId,
      sessionKey: sessionKeyOf(sessionId),
      kid,
      nowMs,
      expiresAtMs: nowMs + context.policy.absoluteMs,
    }),
    insertSignedInEntry({ verificationId, signInId, kid, nowMs }),
    recordPreviousEnded({ ...previous, detail: JSON.stringify({ replacedBy: signInId }) }),
    endPreviousSignIn(previous),
    wipeOutbox({ verificationId }),
  )
  tellEnded(context.tell, 'signed out', ended, { replacedBy: signInId })
  if (consumed.length === 0) return undefined
  context.tell('signed in', { ...verification, kid }, { signInId })
  return readCompleted(context, signInId, sessionId)
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
  const nowMs = context.clock()
  const isLive = completed?.signIn.endedAtMs === null && completed.signIn.expiresAtMs > nowMs
  if (!isLive) return undefined
  const { kid } = completed.signIn
  await context.store.write(
    ledgerEntry({ atMs: nowMs, event: 'sign_in_repeated', verificationId, signInId, kid }),
  )
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
