import { parse as parseJson } from 'lossless-json'
import getRawBody from 'raw-body'
import type { z } from 'zod'
import type { HttpContext } from './http-context.ts'
import { sendProblem } from './problem.ts'

const mostBytes = 4096
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the body of a request as the object that `schema` describes. Where it is not, the problem is
 * answered and `undefined` comes back. JSON.parse would let two keys of one name pass and replace broken
 * UTF-8 by something nobody sent; both are refused.
 */
export async function readJsonBody<Schema extends z.ZodType>(
  ctx: HttpContext,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  const bytes = await readBytes(ctx)
  if (bytes === undefined) return undefined
  const parsed = parseObject(bytes)
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

async function readBytes(ctx: HttpContext): Promise<Buffer | undefined> {
  const hasBody = ctx.get('Transfer-Encoding') !== '' || Number(ctx.get('Content-Length') || 0) > 0
  if (!hasBody) return Buffer.alloc(0)
  const isPlainJson = ctx.is('application/json') && (ctx.get('Content-Encoding') || 'identity') === 'identity'
  if (!isPlainJson) ctx.throw(415)
  return getRawBody(ctx.req, { length: ctx.get('Content-Length') || null, limit: mostBytes })
}

function parseObject(bytes: Buffer): unknown {
  // A call whose fields are all optional may leave out the body.
  if (bytes.length === 0) return {}
  try {
    const value = parseJson(utf8.decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
