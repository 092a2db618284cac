import { resendCode } from '../../sign-in/resend-code.ts'
import { forRequest } from '../for-request.ts'
import type { HttpContext } from '../http-context.ts'
import { readJsonBody } from '../json-body.ts'
import { setRateLimits } from '../rate-limit-headers.ts'
import { sendRefusal } from '../refusal.ts'
import { requestLanguage } from '../request-language.ts'
import { viewCodeSent } from '../session-view.ts'
import { answerView } from './answer-view.ts'
import { emptyBody } from './empty-body.ts'
import { whyNoVerification } from './no-verification.ts'
import type { RouteOptions } from './route-options.ts'

/** `POST /auth/otp/resend`: a new code for the same verification, under the same try budget. */
export function resend(options: RouteOptions) {
  const { signIn, clientNetwork } = options
  return async function handleResend(ctx: HttpContext): Promise<void> {
    if ((await readJsonBody(ctx, emptyBody)) === undefined) return
    const { presented } = ctx.state
    if (!presented.ok) {
      return sendRefusal(ctx, { code: 'verification_session_not_found', reason: presented.reason })
    }
    const outcome = await resendCode(
      forRequest(ctx, options),
      presented.sessionKey,
      clientNetwork(ctx),
      requestLanguage(ctx),
    )
    if (!outcome.ok) return sendRefusal(ctx, await whyNoVerification(ctx, signIn, outcome))
    setRateLimits(ctx, outcome.rateLimits)
    answerView(ctx, 202, viewCodeSent(outcome.verification, 'queued'))
  }
}
