import { parseEmailAddress } from '@holdfast/core'
import { z } from 'zod'
import { sendCode } from '../../sign-in/send-code.ts'
import { countSend } from '../../sign-in/send-limits.ts'
import { type Action, action, invalid, refuse } from '../action.ts'
import { forRequest } from '../for-request.ts'
import { setRateLimits } from '../rate-limit-headers.ts'
import { requestLanguage } from '../request-language.ts'
import { currentSession, isSessionHeld, saveSession, sessionKey } from '../session.ts'
import { viewCodeSent } from '../session-view.ts'
import type { RouteOptions } from './route-options.ts'

export const sendBody = z.strictObject({
  email: z.string('expected an email address'),
  type: z.enum(['login', 'signup'], 'expected login or signup').default('login'),
  transport: z.enum(['cookie', 'bearer'], 'expected cookie or bearer').optional(),
})

/** `POST /auth/otp/send`: starts a verification for the session; the mail goes out after the answer. */
export function send(options: RouteOptions): Action {
  const { signIn, clientNetwork } = options
  return action(sendBody, async (ctx, body) => {
    const address = parseEmailAddress(body.email)
    if (!address.ok) {
      const errors = [{ path: 'email', message: `the address ${address.fault}` }]
      return invalid('That is not an address Holdfast can mail to.', errors)
    }
    const { presented } = ctx.state
    if (presented.ok && body.transport !== undefined && body.transport !== presented.transport) {
      // A script must not turn the session of an HttpOnly cookie into a token that it can read.
      const errors = [
        { path: 'transport', message: `this request came with a session by ${presented.transport}` },
      ]
      return invalid('A session keeps its transport.', errors)
    }
    presented.transport = body.transport ?? presented.transport
    const counted = await countSend(signIn, address.email, clientNetwork(ctx))
    if (!counted.ok) return refuse(ctx, { code: 'rate_limited', refused: 'send', ...counted })
    const isHeld = isSessionHeld(ctx)
    currentSession(ctx).hasAsked = true
    // Asked for in one turn, so that both share a commit; the answer waits for both.
    const [verification] = await Promise.all([
      sendCode(forRequest(ctx, options), {
        sessionKey: sessionKey(ctx),
        email: address.email,
        type: body.type,
        language: requestLanguage(ctx),
      }),
      isHeld ? undefined : saveSession(ctx),
    ])
    setRateLimits(ctx, counted.rateLimits)
    return { ok: true, status: 202, view: viewCodeSent(verification, 'queued') }
  })
}
