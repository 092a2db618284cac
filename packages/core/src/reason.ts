/**
 * Why a session or a verification did not hold: a closed list. A session or verification
 * that is refused carries exactly one, in the answer and in the log.
 */
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
