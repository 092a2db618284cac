import { invalid } from './action.ts'
import type { HttpContext } from './http-context.ts'
import { sendProblem } from './problem.ts'
import { readForm } from './read-form.ts'

export const idempotencyField = 'idempotency_key'

/** What begins a session needs 128 random bits: a UUID, or as many characters of base64url. */
export const idempotencyKeyPattern = /^[\w-]{22,128}$/

const malformed = invalid('The request does not name itself as it should.', [
  {
    path: 'Idempotency-Key',
    message: 'expected a UUID, or 22 to 128 letters, digits, dashes and underscores',
  },
])

/**
 * Reads by which key a request names itself: repeated with it because its answer was lost, it asks for nothing anew.
 * It stands before the session, which a first request begins under an id that comes of the key.
 * (draft-ietf-httpapi-idempotency-key-header-07)
 */
export async function readIdempotencyKey(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
  const value = ctx.get('Idempotency-Key')
  if (value !== '') {
    // The draft has it in quotes, as a string of a structured field; most clients send it without.
    const key = value.replace(/^"(.*)"$/, '$1')
    if (!idempotencyKeyPattern.test(key)) return sendProblem(ctx, malformed.code, malformed.details)
    ctx.state.idempotencyKey = key
  }
  await next()
}

/** The same where a form of the page has it in a field: pressed twice, its button mails one code. */
export async function readIdempotencyField(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
  const key = (await readForm(ctx))?.[idempotencyField]
  if (key !== undefined && idempotencyKeyPattern.test(key)) ctx.state.idempotencyKey = key
  await next()
}
