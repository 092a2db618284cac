import { parse as parseJson } from 'lossless-json'
import type { z } from 'zod'
import type { HttpContext } from './http-context.ts'
import { sendProblem } from './problem.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the body that came with a request as the object that `schema` describes. Where it is not, the problem is
 * answered and `undefined` comes back. JSON.parse would let two keys of one name pass and replace broken
 * UTF-8 by something nobody sent; both are refused.
 */
export async function readJsonBody<Schema extends z.ZodType>(
  ctx: HttpContext,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  const parsed = parseObject(await ctx.state.body)
  if (parsed === undefined) {
    const errors = [{ path: '', message: 'expected a JSON object in UTF-8 without repeated keys' }]
    sendProblem(ctx, 'invalid_request', { detail: 'The body is not a JSON object.', errors })
    return undefined
  }
  const checked = schema.safeParse(parsed)
  if (checked.success) return checked.data
  const errors = checked.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }))
  sendProblem(ctx, 'invalid_request', { detail: 'The body does not have the expected fields.', errors })
  return undefined
}

function parseObject(bytes: Buffer | undefined): unknown {
  // A call whose fields are all optional may leave out the body.
  if (bytes === undefined || bytes.length === 0) return {}
  try {
    const value = parseJson(utf8.decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
