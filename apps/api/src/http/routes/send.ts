import { parseEmailAddress } from '@holdfast/core'
import { z } from 'zod'
import { type AskOutcome, askOnce } from '../../sign-in/ask-once.ts'
import { sendCode } from '../../sign-in/send-code.ts'
import { countSend, giveBackDuplicate } from '../../sign-in/send-limits.ts'
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
    const outcome = await sendOnce(ctx, options, { email: address.email, type: body.type })
    if (!outcome.ok) return refuse(ctx, outcome)
    setRateLimits(ctx, outcome.rateLimits)
    return { ok: true, status: 202, view: viewCodeSent(outcome.verification, outcome.delivery) }
  })
}

async function sendOnce(
  ctx: HttpContext,
  options: RouteOptions,
  { email, type }: { email: string; type: 'login' | 'signup' },
): Promise<AskOutcome> {
  const { signIn } = options
  const clientNetwork = options.clientNetwork(ctx)
  const { requestName } = ctx.state
  const ownKey = sessionKey(ctx)
  const keepSession = sessionKeeper(ctx)
  const request = { asksFor: 'send', sessionKey: ownKey, requestName } as const
  const outcome = await askOnce(signIn, request, async (askedBy) => {
    const counted = await countSend(signIn, email, clientNetwork)
    if (!counted.ok) return { ...counted, code: 'rate_limited', refused: 'send' }
    const { rateLimits } = counted
    const language = requestLanguage(ctx)
    const asked = { sessionKey: ownKey, email, type, language, askedBy }
    const sent = sendCode(forRequest(ctx, options), asked)
    // Asked for in one turn, so that both share a commit; the answer waits for both.
    const [verification] = await Promise.all([
      sent.catch(giveBackDuplicate(signIn, email, clientNetwork)),
      keepSession(),
    ])
    return { ok: true, verification, delivery: 'queued', rateLimits }
  })
  if (outcome.ok) await keepSession()
  return outcome
}

/** Stores the session and issues its cookie, once, and not where the browser has it already. */
function sessionKeeper(ctx: HttpContext): () => Promise<void> {
  let kept = isSessionHeld(ctx) ? Promise.resolve() : undefined
  currentSession(ctx).hasAsked = true
  return function keepSession() {
    kept ??= saveSession(ctx)
    return kept
  }
}
