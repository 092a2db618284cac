import { z } from 'zod'
import { verifyCode } from '../../sign-in/verify-code.ts'
import { type Action, action, refuse } from '../action.ts'
import { forRequest } from '../for-request.ts'
import { currentSession, renewSession } from '../session.ts'
import { viewSignedIn } from '../session-view.ts'
import { whyNoVerification } from './no-verification.ts'
import type { RouteOptions } from './route-options.ts'

export const verifyBody = z.strictObject({ code: z.string('expected the code as text') })

/** `POST /auth/otp/verify`: one guess; the right one signs in, under a new session id. */
export function verify(options: RouteOptions): Action {
  const { signIn } = options
  return action(verifyBody, async (ctx, { code }) => {
    const { presented } = ctx.state
    if (!presented.ok) {
      return refuse(ctx, { code: 'verification_session_not_found', reason: presented.reason })
    }
    const session = currentSession(ctx)
    const outcome = await verifyCode(forRequest(ctx, options), {
      sessionKey: presented.sessionKey,
      code,
      ...(session.signInId === undefined ? {} : { previousSignInId: session.signInId }),
    })
    if (!outcome.ok) return refuse(ctx, await whyNoVerification(ctx, signIn, outcome))
    // The session that a repetition writes once more may have asked for another code meanwhile.
    if (outcome.isRepetition) session.hasAsked = true
    else delete session.hasAsked
    session.signInId = outcome.signIn.id
    await renewSession(ctx, outcome.sessionId)
    return { ok: true, status: 200, view: viewSignedIn(outcome.signIn, outcome.account) }
  })
}
