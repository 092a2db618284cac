import { begunSessionIdFor, requestNameOf, sessionKeyOf } from '@holdfast/core'
import { isRequestOver } from '../sign-in/ask-once.ts'
import type { SignInContext } from '../sign-in/sign-in-context.ts'
import { invalid } from './action.ts'
import type { HttpContext, HttpMiddleware } from './http-context.ts'
import { bearerOf } from './presented-session.ts'
import { sendProblem } from './problem.ts'
import { readForm } from './read-form.ts'

export const idempotencyField = 'idempotency_key'

/** At least as many characters as 128 random bits have in base64url; a UUID has 36. */
export const idempotencyKeyPattern = /^[\w-]{22,128}$/

const malformed = invalid('The Idempotency-Key is malformed.', [
  {
    path: 'Idempotency-Key',
    message: 'expected a UUID, or 22 to 128 letters, digits, dashes and underscores',
  },
])

/**
 * Reads by which key a request names itself: repeated with it because its answer was lost, it asks for nothing anew.
 * (draft-ietf-httpapi-idempotency-key-header-07)
 */
export async function namedRequest(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
  const value = ctx.get('Idempotency-Key')
  if (value !== '') {
    // The draft has it in quotes, as a string of a structured field; most clients send it without.
    const key = value.replace(/^"(.*)"$/, '$1')
    if (!idempotencyKeyPattern.test(key)) return sendProblem(ctx, malformed.code, malformed.details)
    await nameRequest(ctx, key)
  }
  await next()
}

/** The same where a form of the page has it in a field: pressed twice, its button mails one code. */
export async function namedForm(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
  const key = (await readForm(ctx))?.[idempotencyField]
  // One that is malformed is ignored: no person could mend it.
  if (key !== undefined && idempotencyKeyPattern.test(key)) await nameRequest(ctx, key)
  await next()
}

/** A request that names itself begins a session under an id that comes of its name: repeated, it begins the same one. */
export function begunByName(context: SignInContext): HttpMiddleware {
  return async function chooseBegunSession(ctx, next) {
    const { requestName } = ctx.state
    if (requestName !== undefined) {
      const sessionId = begunSessionIdFor(requestName, context.store.generation)
      const request = { asksFor: 'send', sessionKey: sessionKeyOf(sessionId), requestName } as const
      // What was begun and is over does not come back: an old copy of the request leads nowhere near its sign-in.
      if (!(await isRequestOver(context, request))) ctx.state.begunSessionId = sessionId
    }
    await next()
  }
}

/** The kind of client is part of the name: a cookie's session cannot be asked for again as a bearer's, which scripts read. */
async function nameRequest(ctx: HttpContext, key: string): Promise<void> {
  const kind = bearerOf(ctx) === undefined ? 'cookie' : 'bearer'
  // What is wrong with the body is told where it is read.
  const body = await ctx.state.body?.catch(() => undefined)
  ctx.state.requestName = requestNameOf(`${kind}|${key}`, body ?? Buffer.alloc(0))
}
