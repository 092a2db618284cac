import type { SessionLack, SessionState } from '../sign-in/session-state.ts'
import type { SignInContext } from '../sign-in/sign-in-context.ts'
import { touchSignIn } from '../sign-in/touch-sign-in.ts'
import type { HttpContext } from './http-context.ts'
import { describeLack, type Lack } from './lack.ts'
import { readOwnState, signedInWith } from './own-state.ts'
import { noteReject } from './problem.ts'

/**
 * Where the session that this request presents stands, noted as in use; and where somebody had a session that does
 * not hold any more, why, noted as not accepted. Looking is allowed to everybody, so this is no refusal.
 */
export async function lookAtSession(
  ctx: HttpContext,
  signIn: SignInContext,
): Promise<{ state: SessionState; lack: Lack | undefined }> {
  // The reissue has put the new key there by now; what counts is what the client has shown that it has.
  const { presentedKid } = ctx.state
  const state = await readOwnState(ctx, signIn)
  const own = signedInWith(state)
  if (own !== undefined && presentedKid !== undefined) await touchSignIn(signIn, own.signIn, presentedKid)
  if (state.state !== 'anonymous' || !wasHeld(state)) return { state, lack: undefined }
  const lack = await describeLack(signIn.store, state)
  noteReject(ctx, 'anonymous', lack)
  return { state, lack }
}

/** Somebody had a session, and it does not hold; a visitor without one has lost nothing. */
function wasHeld({ reason }: SessionLack): boolean {
  return reason !== 'cookie_missing' && reason !== 'never_started'
}
