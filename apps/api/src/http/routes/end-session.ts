import { endSignIn } from '../../sign-in/end-sign-in.ts'
import { signOut } from '../../sign-in/sign-out.ts'
import { forRequest } from '../for-request.ts'
import type { HttpContext } from '../http-context.ts'
import { readJsonBody } from '../json-body.ts'
import { sendProblem } from '../problem.ts'
import { requireSignIn } from '../require-sign-in.ts'
import { removeSession } from '../session.ts'
import { emptyBody } from './empty-body.ts'
import type { RouteOptions } from './route-options.ts'

/** `DELETE /auth/sessions/:id`: ends a sign-in of the own account; ending the one in use is signing out. */
export function endSession(options: RouteOptions) {
  return async function handleEndSession(ctx: HttpContext): Promise<void> {
    if ((await readJsonBody(ctx, emptyBody)) === undefined) return
    const context = forRequest(ctx, options)
    const own = await requireSignIn(ctx, context)
    if (own === undefined) return
    const { id = '' } = ctx.params ?? {}
    if (id === own.signIn.id) {
      await signOut(context, own.signIn.sessionKey, undefined)
      await removeSession(ctx)
    } else if (!(await endSignIn(context, { signInId: id, accountId: own.account.id }))) {
      // Somebody else's or nobody's: the answer does not tell.
      sendProblem(ctx, 'not_found', { detail: 'This account has no such session.' })
      return
    }
    ctx.status = 204
  }
}
