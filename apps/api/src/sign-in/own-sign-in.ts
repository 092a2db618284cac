import type { Reason } from '@holdfast/core'
import type { SignInRow } from '@holdfast/store'
import { readSignIn, type SignInWithAccount } from './read-sign-in.ts'
import type { SignInContext } from './sign-in-context.ts'

/** The live sign-in of a session, or why it has none and which record says so. */
export type OwnSignIn = ({ ok: true } & SignInWithAccount) | ({ ok: false } & SignInReject)

export interface SignInReject {
  reason: Reason
  /** The sign-in that it was. */
  signIn?: SignInRow
}

/**
 * Reads who is signed in with a session. `signInId` comes from the session blob and only says where to look: a
 * sign-in counts when its own record names this session.
 */
export async function readOwnSignIn(
  context: SignInContext,
  sessionKey: string,
  { signInId }: { signInId?: string },
): Promise<OwnSignIn> {
  if (signInId === undefined) return { ok: false, reason: 'never_started' }
  const found = await readSignIn(context.store, signInId)
  // Its record is removed some time after its end.
  if (found === undefined) return { ok: false, reason: 'session_unknown' }
  if (found.signIn.sessionKey !== sessionKey) return { ok: false, reason: 'never_started' }
  const reason = whySignInEnded(found.signIn, context)
  return reason === undefined ? { ok: true, ...found } : { ok: false, reason, signIn: found.signIn }
}

/** Why a sign-in is over, or `undefined` while it lives. */
export function whySignInEnded(signIn: SignInRow, { clock, policy }: SignInContext): Reason | undefined {
  const nowMs = clock()
  if (signIn.endReason !== null) return signIn.endReason
  if (signIn.expiresAtMs <= nowMs) return 'session_expired'
  if (signIn.lastSeenAtMs + policy.idleMs <= nowMs) return 'idle_timeout'
  return undefined
}
