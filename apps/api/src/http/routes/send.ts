import { parseEmailAddress } from '@holdfast/core'
import { z } from 'zod'
import { askOnce } from '../../sign-in/ask-once.ts'
import { sendCode } from '../../sign-in/send-code.ts'
import { type Action, action, invalid, refuse } from '../action.ts'
import { forRequest } from '../for-request.ts'
import type { HttpContext } from '../http-context.ts'
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
    const request = {
      sessionKey: sessionKey(ctx),
      email: address.email,
      type: body.type,
      language: requestLanguage(ctx),
      clientNetwork: clientNetwork(ctx),
    }
    const named = {
      asksFor: 'send',
      sessionKey: request.sessionKey,
      requestName: ctx.state.requestName,
    } as const
    const keepSession = sessionKeeper(ctx)
    currentSession(ctx).hasAsked = true
    const outcome = await askOnce(signIn, named, (askingRequest) =>
      sendCode(forRequest(ctx, options), { ...request, askingRequest }, keepSession),
    )
    if (!outcome.ok) return refuse(ctx, outcome)
    // A repetition is given the cookie that was lost with the first answer.
    await keepSession()
    setRateLimits(ctx, outcome.rateLimits)
    return { ok: true, status: 202, view: viewCodeSent(outcome.verification, outcome.delivery) }
  })
}

/** Stores the session and issues its cookie, once, and not where the browser has it already. */
function sessionKeeper(ctx: HttpContext): () => Promise<void> {
  let kept = isSessionHeld(ctx) ? Promise.resolve() : undefined
  return function keepSession() {
    kept ??= saveSession(ctx)
    return kept
  }
}
