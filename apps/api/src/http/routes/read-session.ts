import type { SessionLack } from '../../sign-in/session-state.ts'
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
    if (state.state === 'signed_in' && presentedKid !== undefined) {
      await touchSignIn(signIn, state.signIn, presentedKid)
    }
    if (state.state === 'anonymous' && wasHeld(state)) {
      noteReject(ctx, 'anonymous', await describeLack(ctx, signIn.store, state))
    }
    answerView(ctx, 200, viewState(state))
  }
}

/** Somebody had a session, and it does not hold; a visitor without one has lost nothing. */
function wasHeld({ reason }: SessionLack): boolean {
  return reason !== 'cookie_missing' && reason !== 'never_started'
}
