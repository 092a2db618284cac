import { parseJson } from './parse-json.ts'
import { parseRetryAfter } from './parse-retry-after.ts'
import {
  type Problem,
  type Reason,
  type Refusal,
  type RefusalCode,
  reasons,
  refusalCodes,
} from './problem.ts'

/**
 * Reads an answer that is not a success. A body that is not problem+json, or whose code this client does not
 * know, becomes `unreachable` with the cause `unexpected_answer`.
 */
export function parseProblem(response: Response, text: string): Problem {
  const retryAfterInSeconds = parseRetryAfter(response.headers.get('retry-after'), Date.now())
  const wait = retryAfterInSeconds === undefined ? {} : { retryAfterInSeconds }
  const refusal = isProblemJson(response) ? parseRefusal(text, response.status) : undefined
  if (refusal) return { ...refusal, ...wait }
  return {
    code: 'unreachable',
    cause: 'unexpected_answer',
    detail: `Expected an answer of the sign-in service, found one with status ${response.status} from something else.`,
    status: response.status,
    ...wait,
  }
}

function isProblemJson(response: Response): boolean {
  return /^application\/problem\+json\b/i.test(response.headers.get('content-type') ?? '')
}

function parseRefusal(text: string, status: number): Refusal | undefined {
  const body = (parseJson(text) ?? {}) as Record<string, unknown>
  if (!isRefusalCode(body.code)) return undefined
  const refusal: Refusal = {
    code: body.code,
    status,
    title: typeof body.title === 'string' ? body.title : '',
    detail: typeof body.detail === 'string' ? body.detail : '',
  }
  if (typeof body.requestId === 'string') refusal.requestId = body.requestId
  if (typeof body.reference === 'string') refusal.reference = body.reference
  if (typeof body.attemptsLeft === 'number') refusal.attemptsLeft = body.attemptsLeft
  if (isReason(body.reason)) refusal.reason = body.reason
  if (Array.isArray(body.errors)) refusal.errors = body.errors
  return refusal
}

function isRefusalCode(code: unknown): code is RefusalCode {
  return refusalCodes.some((known) => known === code)
}

function isReason(reason: unknown): reason is Reason {
  return reasons.some((known) => known === reason)
}
