import { cancelVerification } from '../../sign-in/cancel-verification.ts'
import { type Action, action } from '../action.ts'
import { forRequest } from '../for-request.ts'
import { emptyBody } from './empty-body.ts'
import type { RouteOptions } from './route-options.ts'

/** `DELETE /auth/otp`: cancels the session's verification; without one it does nothing. */
export function cancel(options: RouteOptions): Action {
  return action(emptyBody, async (ctx) => {
    const { presented } = ctx.state
    if (presented.ok) await cancelVerification(forRequest(ctx, options), presented.sessionKey)
    return { ok: true, status: 204 }
  })
}
