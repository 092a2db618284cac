import { cancelVerification } from '../../sign-in/cancel-verification.ts'
import { forRequest } from '../for-request.ts'
import type { HttpContext } from '../http-context.ts'
import { readJsonBody } from '../json-body.ts'
import { emptyBody } from './empty-body.ts'
import type { RouteOptions } from './route-options.ts'

/** `DELETE /auth/otp`: cancels the session's verification; without one it does nothing. */
export function cancel(options: RouteOptions) {
  return async function handleCancel(ctx: HttpContext): Promise<void> {
    if ((await readJsonBody(ctx, emptyBody)) === undefined) return
    const { presented } = ctx.state
    if (presented.ok) await cancelVerification(forRequest(ctx, options), presented.sessionKey)
    ctx.status = 204
  }
}
