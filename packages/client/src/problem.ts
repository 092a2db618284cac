/** Why a session, verification or sign-in was not accepted: the closed list of the HTTP contract. */
export const reasons = [
  'cookie_missing',
  'cookie_malformed',
  'signature_invalid',
  'key_unknown',
  'key_revoked',
  'session_unknown',
  'store_replaced',
  'session_expired',
  'idle_timeout',
  'signed_out',
  'ended_by_user',
  'ended_by_operator',
  'verification_expired',
  'verification_exhausted',
  'verification_cancelled',
  'verification_used',
  'never_started',
] as const
export type Reason = (typeof reasons)[number]

/** The codes the server refuses with. */
export const refusalCodes = [
  'invalid_request',
  'code_malformed',
  'code_incorrect',
  'too_many_attempts',
  'code_expired',
  'verification_session_not_found',
  'rate_limited',
  'not_signed_in',
  'cross_site_request',
  'misdirected_request',
  'store_unavailable',
  'overloaded',
  'not_found',
  'method_not_allowed',
  'payload_too_large',
  'unsupported_media_type',
  'bad_request',
  'request_timeout',
  'headers_too_large',
  'expectation_failed',
  'internal',
] as const
export type RefusalCode = (typeof refusalCodes)[number]
export type ProblemCode = RefusalCode | 'unreachable'

/** A refusal of the server (RFC 9457). The optional fields come with the codes that carry them. */
export interface Refusal {
  code: RefusalCode
  status: number
  title: string
  detail: string
  requestId?: string
  reference?: string
  reason?: Reason
  attemptsLeft?: number
  retryAfterInSeconds?: number
  errors?: { path: string; message: string }[]
}

/**
 * No answer of a Holdfast server arrived, so what was asked may or may not have happened. `unexpected_answer`
 * is an answer of something in between, such as a proxy's own error page, and then has a `status`; `cancelled`
 * means that the caller's signal ended the call.
 */
export interface Unreachable {
  code: 'unreachable'
  cause: 'network' | 'timeout' | 'unexpected_answer' | 'cancelled'
  detail: string
  status?: number
  retryAfterInSeconds?: number
}

export type Problem = Refusal | Unreachable

/** Whether the service was out of reach, rather than refusing: asking again can help. */
export function isOutage(problem: Problem): boolean {
  if (problem.code === 'unreachable') return problem.cause !== 'cancelled'
  return problem.code === 'store_unavailable' || problem.code === 'overloaded'
}
