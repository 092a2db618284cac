import type { Reason } from '@holdfast/core'
import type { Reject } from '../rejects.ts'
import type { HttpContext } from './http-context.ts'

/** Every error that leaves the server: its status and its title. The one table of both. */
export const problems = {
  invalid_request: [422, 'The request is not valid'],
  code_malformed: [422, 'That is not a code'],
  code_incorrect: [403, 'That code is not right'],
  too_many_attempts: [429, 'Too many tries'],
  code_expired: [410, 'The code has expired'],
  verification_session_not_found: [409, 'Verification session not found'],
  rate_limited: [429, 'Too soon or too often'],
  not_signed_in: [401, 'Not signed in'],
  cross_site_request: [403, 'Request from another site'],
  misdirected_request: [421, 'Not the host of this service'],
  store_unavailable: [503, 'Temporarily unavailable'],
  overloaded: [503, 'Too busy at the moment'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  payload_too_large: [413, 'The request is too large'],
  unsupported_media_type: [415, 'Unsupported media type'],
  bad_request: [400, 'Bad request'],
  request_timeout: [408, 'The request took too long'],
  headers_too_large: [431, 'The headers are too large'],
  expectation_failed: [417, 'No such expectation can be met'],
  internal: [500, 'Something went wrong on our side'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ProblemCode = keyof typeof problems

export const problemCodes = Object.keys(problems) as ProblemCode[]

export function statusOf(code: ProblemCode): number {
  return problems[code][0]
}

export interface ProblemDetails {
  detail: string
  reason?: Reason
  reference?: string
  /** The sign-in that it is about: for the ledger, not for the answer. */
  signInId?: string
  attemptsLeft?: number
  retryAfterInSeconds?: number
  errors?: { path: string; message: string }[]
}

/** A problem as it is told. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  detail: string
  code: ProblemCode
  requestId: string
  reason?: Reason
  reference?: string
  attemptsLeft?: number
  errors?: { path: string; message: string }[]
}

/** Answers with `application/problem+json` (RFC 9457). */
export function sendProblem(ctx: HttpContext, code: ProblemCode, details: ProblemDetails): void {
  const body = noteProblem(ctx, code, details)
  ctx.status = body.status
  ctx.body = JSON.stringify(body)
  ctx.type = 'application/problem+json'
}

/** Sets what an answer says of a problem whatever form it has, and gives what is to be told. */
export function noteProblem(ctx: HttpContext, code: ProblemCode, details: ProblemDetails): ProblemBody {
  const { retryAfterInSeconds, detail, signInId: _signInId, ...rest } = details
  ctx.state.problem = code
  // The rest of a body that is too large is not worth reading, and the connection is good for nothing else.
  if (code === 'payload_too_large') ctx.set('Connection', 'close')
  // RFC 9110 section 11.6.1 wants a challenge with every 401.
  if (code === 'not_signed_in') ctx.set('WWW-Authenticate', 'Bearer')
  if (details.reference !== undefined) ctx.state.reference = details.reference
  if (details.reason !== undefined) noteReject(ctx, code, { ...details, reason: details.reason })
  if (retryAfterInSeconds !== undefined) ctx.set('Retry-After', String(retryAfterInSeconds))
  const body = problemBody(code, detail, ctx.state.requestId, rest)
  ctx.state.told = retryAfterInSeconds === undefined ? body : { ...body, retryAfterInSeconds }
  return body
}

/** That the session, sign-in or verification of a request was not accepted, for log, metric and ledger. */
export function noteReject(
  ctx: HttpContext,
  code: ProblemCode | 'anonymous',
  { reason, reference, signInId }: Reject,
): void {
  ctx.state.reject = {
    code,
    reason,
    ...(reference === undefined ? {} : { reference }),
    ...(signInId === undefined ? {} : { signInId }),
  }
}

export function problemBody(
  code: ProblemCode,
  detail: string,
  requestId: string,
  rest: Pick<ProblemBody, 'reason' | 'reference' | 'attemptsLeft' | 'errors'> = {},
): ProblemBody {
  const [status, title] = problems[code]
  return { type: `urn:holdfast:problem:${code}`, title, status, detail, code, requestId, ...rest }
}
