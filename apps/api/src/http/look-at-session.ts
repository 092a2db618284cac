import type { Reject } from '../rejects.ts'
import type { SessionReject, SessionState } from '../sign-in/session-state.ts'
import type { SignInContext } from '../sign-in/sign-in-context.ts'
import { touchSignIn } from '../sign-in/touch-sign-in.ts'
import type { HttpContext } from './http-context.ts'
import { readOwnState, signedInWith } from './own-state.ts'
import { noteReject } from './problem.ts'
import { readReject } from './read-reject.ts'

/**
 * Where the session that this request presents stands, noted as in use; and where somebody had a session that does
 * not hold any more, why, noted as not accepted. Looking is allowed to everybody, so this is no refusal.
 */
export async function lookAtSession(
  ctx: HttpContext,
  signIn: SignInContext,
): Promise<{ state: SessionState; reject: Reject | undefined }> {
  // The reissue has put the new key there by now; what counts is what the client has shown that it has.
  const { presentedKid } = ctx.state
  const state = await readOwnState(ctx, signIn)
  const own = signedInWith(state)
  if (own !== undefined && presentedKid !== undefined) await touchSignIn(signIn, own.signIn, presentedKid)
  if (state.state !== 'anonymous' || !wasHeld(state)) return { state, reject: undefined }
  const reject = await readReject(signIn.store, state)
  noteReject(ctx, 'anonymous', reject)
  return { state, reject }
}

/** Somebody had a session, and it does not hold; a visitor without one has lost nothing. */
function wasHeld({ reason }: SessionReject): boolean {
  return reason !== 'cookie_missing' && reason !== 'never_started'
}
