import type { SignInWithAccount } from '../../sign-in/read-sign-in.ts'
import type { SessionLack, SessionState } from '../../sign-in/session-state.ts'
import { touchSignIn } from '../../sign-in/touch-sign-in.ts'
import type { HttpContext } from '../http-context.ts'
import { describeLack } from '../lack.ts'
import { readOwnState } from '../own-state.ts'
import { noteReject } from '../problem.ts'
import { viewState } from '../session-view.ts'
import { answerView } from './answer-view.ts'
import type { RouteOptions } from './route-options.ts'

/** `GET /auth/session`: where the session stands, always 200. */
export function readSession({ signIn }: RouteOptions) {
  return async function handleReadSession(ctx: HttpContext): Promise<void> {
    // The reissue has put the new key there by now; what counts is what the client has shown that it has.
    const { presentedKid } = ctx.state
    const state = await readOwnState(ctx, signIn)
    const own = signedInWith(state)
    if (own !== undefined && presentedKid !== undefined) {
      await touchSignIn(signIn, own.signIn, presentedKid)
    }
    if (state.state === 'anonymous' && wasHeld(state)) {
      noteReject(ctx, 'anonymous', await describeLack(signIn.store, state))
    }
    answerView(ctx, 200, viewState(state))
  }
}

/** Who asks for another code is signed in all the same. */
function signedInWith(state: SessionState): SignInWithAccount | undefined {
  if (state.state === 'signed_in') return state
  return state.state === 'code_sent' ? state.signedIn : undefined
}

/** Somebody had a session, and it does not hold; a visitor without one has lost nothing. */
function wasHeld({ reason }: SessionLack): boolean {
  return reason !== 'cookie_missing' && reason !== 'never_started'
}
