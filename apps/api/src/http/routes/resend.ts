import { askOnce } from '../../sign-in/ask-once.ts'
import { resendCode } from '../../sign-in/resend-code.ts'
import { type Action, action, refuse } from '../action.ts'
import { forRequest } from '../for-request.ts'
import { setRateLimits } from '../rate-limit-headers.ts'
import { requestLanguage } from '../request-language.ts'
import { viewCodeSent } from '../session-view.ts'
import { emptyBody } from './empty-body.ts'
import { whyNoVerification } from './no-verification.ts'
import type { RouteOptions } from './route-options.ts'

/** `POST /auth/otp/resend`: a new code for the same verification, under the same try budget. */
export function resend(options: RouteOptions): Action {
  const { signIn, clientNetwork } = options
  return action(emptyBody, async (ctx) => {
    const { presented, requestName } = ctx.state
    if (!presented.ok) {
      return refuse(ctx, { code: 'verification_session_not_found', reason: presented.reason })
    }
    const { sessionKey } = presented
    const outcome = await askOnce(signIn, { asksFor: 'resend', sessionKey, requestName }, (askingRequest) =>
      resendCode(forRequest(ctx, options), {
        sessionKey,
        clientNetwork: clientNetwork(ctx),
        language: requestLanguage(ctx),
        askingRequest,
      }),
    )
    if (!outcome.ok) return refuse(ctx, await whyNoVerification(ctx, signIn, outcome))
    setRateLimits(ctx, outcome.rateLimits)
    return { ok: true, status: 202, view: viewCodeSent(outcome.verification, outcome.delivery) }
  })
}
