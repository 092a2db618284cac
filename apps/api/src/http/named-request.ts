import { begunSessionIdFor, refusalOf, requestNameOf, sessionKeyOf } from '@holdfast/core'
import { findVerification } from '../sign-in/find-verification.ts'
import type { SignInContext } from '../sign-in/sign-in-context.ts'
import { invalid } from './action.ts'
import type { HttpContext, HttpMiddleware } from './http-context.ts'
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
 * It stands before the session, which a first request begins under an id that comes of its name.
 * (draft-ietf-httpapi-idempotency-key-header-07)
 */
export function namedRequest(context: SignInContext): HttpMiddleware {
  return async function readIdempotencyKey(ctx, next) {
    const value = ctx.get('Idempotency-Key')
    if (value !== '') {
      // The draft has it in quotes, as a string of a structured field; most clients send it without.
      const key = value.replace(/^"(.*)"$/, '$1')
      if (!idempotencyKeyPattern.test(key)) return sendProblem(ctx, malformed.code, malformed.details)
      await nameRequest(ctx, context, key)
    }
    await next()
  }
}

/** The same where a form of the page has it in a field: pressed twice, its button mails one code. */
export function namedForm(context: SignInContext): HttpMiddleware {
  return async function readIdempotencyField(ctx, next) {
    const key = (await readForm(ctx))?.[idempotencyField]
    // One that is malformed is ignored: no person could mend it.
    if (key !== undefined && idempotencyKeyPattern.test(key)) await nameRequest(ctx, context, key)
    await next()
  }
}

async function nameRequest(ctx: HttpContext, { store, clock }: SignInContext, key: string): Promise<void> {
  // What is wrong with the body is told where it is read.
  const body = await ctx.state.body?.catch(() => undefined)
  const requestName = requestNameOf(key, body ?? Buffer.alloc(0))
  const sessionId = begunSessionIdFor(requestName, store.generation)
  const verification = await findVerification(store, sessionKeyOf(sessionId))
  const isOver = verification !== undefined && refusalOf(verification, clock()) !== undefined
  ctx.state.requestName = requestName
  // What was begun and is over does not come back: an old copy of the request leads nowhere near its sign-in.
  if (!isOver) ctx.state.begunSessionId = sessionId
}
