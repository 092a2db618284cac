import { parse as parseJson } from 'lossless-json'
import type { z } from 'zod'
import { checkFields, invalid } from './action.ts'
import type { HttpContext } from './http-context.ts'
import { sendProblem } from './problem.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the body that came with a request as the object that `schema` describes. Where it is not, the problem is
 * answered and `undefined` comes back.
 */
export async function readJsonBody<Schema extends z.ZodType>(
  ctx: HttpContext,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  const parsed = await parseJsonBody(ctx)
  const checked = parsed === undefined ? noObject : checkFields(schema, parsed)
  if (checked.ok) return checked.fields
  sendProblem(ctx, checked.code, checked.details)
  return undefined
}

export const noObject = invalid('The body is not a JSON object.', [
  { path: '', message: 'expected a JSON object in UTF-8 without repeated keys' },
])

/**
 * The object that came as the body of a request, or `undefined` where something else came. JSON.parse would let two
 * keys of one name pass and replace broken UTF-8 by something nobody sent; both are no object here.
 */
export async function parseJsonBody(ctx: HttpContext): Promise<object | undefined> {
  const bytes = await ctx.state.body
  // A call whose fields are all optional may leave out the body.
  if (bytes === undefined || bytes.length === 0) return {}
  try {
    const value: unknown = parseJson(utf8.decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
