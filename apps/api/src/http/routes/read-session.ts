import { touchSignIn } from '../../sign-in/touch-sign-in.ts'
import type { HttpContext } from '../http-context.ts'
import { readOwnState } from '../own-state.ts'
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
    answerView(ctx, 200, viewState(state))
  }
}
