import { type Delivery, refusalOf } from '@holdfast/core'
import { db, type VerificationRow } from '@holdfast/store'
import { findVerification } from './find-verification.ts'
import { readOwnSignIn, type SignInReject, whySignInEnded } from './own-sign-in.ts'
import { readDelivery } from './read-delivery.ts'
import type { SignInWithAccount } from './read-sign-in.ts'
import type { SignInContext } from './sign-in-context.ts'

/** Where a session stands, as the records say. */
export type SessionState =
  | ({ state: 'anonymous' } & SessionReject)
  | {
      state: 'code_sent'
      verification: VerificationRow
      delivery: Delivery
      /** Who is signed in while another code is asked for. */
      signedIn?: SignInWithAccount
    }
  | ({ state: 'signed_in' } & SignInWithAccount)

/** Why a session does not hold, and the record that says so, where the store has one. */
export interface SessionReject extends SignInReject {
  verification?: VerificationRow
}

/** What the session blob says: where to look, never the truth. */
export interface SessionHints {
  hasAsked?: boolean
  signInId?: string
}

/** How long a page still shows a verification whose codes have expired, so that it can offer a new one. */
const shownAfterExpiryMs = 3_600_000

/** Reads where a session stands: a verification or a sign-in counts when its own record names this session. */
export async function readSessionState(
  context: SignInContext,
  sessionKey: string,
  hints: SessionHints,
): Promise<SessionState> {
  const own = await readOwnSignIn(context, sessionKey, hints)
  if (hints.hasAsked === true) {
    const pending = await readPending(context, sessionKey)
    if (pending !== undefined) {
      return { state: 'code_sent', ...pending, ...(own.ok ? { signedIn: own } : {}) }
    }
  }
  return own.ok ? { state: 'signed_in', ...own } : { state: 'anonymous', ...own }
}

/** Why nobody is signed in with a session that has asked for a code at most: how far its verification came. */
export async function explainNeverSignedIn(
  context: SignInContext,
  sessionKey: string,
): Promise<SessionReject> {
  const verification = await findVerification(context.store, sessionKey)
  if (verification === undefined) return { reason: 'never_started' }
  return { reason: refusalOf(verification, context.clock()) ?? 'never_started', verification }
}

/** Why a session that presents a good token has no blob any more, from what the records still know of it. */
export async function explainMissingSession(
  context: SignInContext,
  sessionKey: string,
): Promise<SessionReject> {
  const [signIn] = await context.store.read(
    db.selectFrom('signIns').selectAll().where('sessionKey', '=', sessionKey),
  )
  if (signIn !== undefined) return { reason: whySignInEnded(signIn, context) ?? 'session_unknown', signIn }
  const verification = await findVerification(context.store, sessionKey)
  if (verification === undefined) return { reason: 'session_unknown' }
  if (verification.state === 'verified') return { reason: 'verification_used', verification }
  if (verification.state === 'cancelled') return { reason: 'verification_cancelled', verification }
  return { reason: 'session_unknown', verification }
}

async function readPending(context: SignInContext, sessionKey: string) {
  const verification = await findVerification(context.store, sessionKey)
  if (verification?.state !== 'pending') return undefined
  if (verification.expiresAtMs + shownAfterExpiryMs <= context.clock()) return undefined
  return { verification, delivery: await readDelivery(context, verification) }
}
