import type { HttpContext } from '../http-context.ts'
import { lookAtSession } from '../look-at-session.ts'
import { viewState } from '../session-view.ts'
import { answerView } from './answer-view.ts'
import type { RouteOptions } from './route-options.ts'

/** `GET /auth/session`: where the session stands, always 200. */
export function readSession({ signIn }: RouteOptions) {
  return async function handleReadSession(ctx: HttpContext): Promise<void> {
    const { state } = await lookAtSession(ctx, signIn)
    answerView(ctx, 200, viewState(state))
  }
}
