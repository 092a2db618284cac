import { listLiveSignIns } from '../../sign-in/list-sign-ins.ts'
import type { HttpContext } from '../http-context.ts'
import { requireSignIn } from '../require-sign-in.ts'
import { viewSessions } from '../session-view.ts'
import { answerView } from './answer-view.ts'
import type { RouteOptions } from './route-options.ts'

/** `GET /auth/sessions`: the live sign-ins of the account, the one used last first. */
export function listSessions({ signIn }: RouteOptions) {
  return async function handleListSessions(ctx: HttpContext): Promise<void> {
    const own = await requireSignIn(ctx, signIn)
    if (own === undefined) return
    const live = await listLiveSignIns(signIn, own.account.id)
    answerView(ctx, 200, viewSessions(live, own.signIn.id))
  }
}
