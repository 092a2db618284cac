import type { Reason } from '@holdfast/core'
import { type CodeRow, db, type SignInRow, type Store, type VerificationRow } from '@holdfast/store'
import { findVerification } from './find-verification.ts'
import { readSignIn } from './read-sign-in.ts'
import type { SignInContext } from './sign-in-context.ts'

/** Where a session stands, as the records say. */
export type SessionState =
  | { state: 'anonymous'; reason: Reason }
  | { state: 'code_sent'; verification: VerificationRow; delivery: CodeRow['delivery']; signIn?: SignInRow }
  | { state: 'signed_in'; signIn: SignInRow; account: { id: string; email: string } }

/** How long a page still shows a verification whose codes have expired, so that it can offer a new one. */
const shownAfterExpiryMs = 3_600_000

/**
 * Reads where a session stands. `hints` come from the session blob and only say where to look: a
 * verification or a sign-in counts when its own record names this session.
 */
export async function readSessionState(
  context: SignInContext,
  sessionKey: string,
  hints: { hasAsked?: boolean; signInId?: string },
): Promise<SessionState> {
  const signedIn = hints.signInId === undefined ? undefined : await readSignIn(context.store, hints.signInId)
  const isOwn = signedIn?.signIn.sessionKey === sessionKey
  const endedBecause = isOwn ? whySignInEnded(signedIn.signIn, context) : 'never_started'
  if (hints.hasAsked === true) {
    const pending = await readPending(context, sessionKey)
    const alsoSignedIn = isOwn && endedBecause === undefined ? { signIn: signedIn.signIn } : {}
    if (pending !== undefined) return { state: 'code_sent', ...pending, ...alsoSignedIn }
  }
  if (isOwn && endedBecause === undefined) return { state: 'signed_in', ...signedIn }
  return { state: 'anonymous', reason: endedBecause ?? 'never_started' }
}

/** Why a session that presents a good token has no blob any more, from what the records still know of it. */
export async function explainMissingSession(context: SignInContext, sessionKey: string): Promise<Reason> {
  const [signIn] = await context.store.read(
    db.selectFrom('signIns').selectAll().where('sessionKey', '=', sessionKey),
  )
  if (signIn !== undefined) return whySignInEnded(signIn, context) ?? 'session_unknown'
  const verification = await findVerification(context.store, sessionKey)
  if (verification?.state === 'verified') return 'verification_used'
  if (verification?.state === 'cancelled') return 'verification_cancelled'
  return 'session_unknown'
}

function whySignInEnded(signIn: SignInRow, { clock, policy }: SignInContext): Reason | undefined {
  const nowMs = clock()
  if (signIn.endReason !== null) return signIn.endReason
  if (signIn.expiresAtMs <= nowMs) return 'session_expired'
  if (signIn.lastSeenAtMs + policy.idleMs <= nowMs) return 'idle_timeout'
  return undefined
}

async function readPending(context: SignInContext, sessionKey: string) {
  const verification = await findVerification(context.store, sessionKey)
  if (verification?.state !== 'pending') return undefined
  if (verification.expiresAtMs + shownAfterExpiryMs <= context.clock()) return undefined
  return { verification, delivery: await readDelivery(context.store, verification) }
}

async function readDelivery(store: Store, verification: VerificationRow): Promise<CodeRow['delivery']> {
  const [code] = await store.read(
    db
      .selectFrom('codes')
      .select('delivery')
      .where('verificationId', '=', verification.id)
      .where('number', '=', verification.sends),
  )
  return code?.delivery ?? 'unknown'
}
