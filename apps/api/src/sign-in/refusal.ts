import type { Reason } from '@holdfast/core'
import type { RateLimit } from './rate-limit.ts'

/** A refusal of an action, as the actions return it. */
export type Refusal = {
  reference?: string
  /** The sign-in that it is about, where it is about one. */
  signInId?: string
  rateLimits?: readonly RateLimit[]
} & (
  | { code: 'code_malformed'; codeLength: number }
  | { code: 'code_incorrect'; attemptsLeft: number }
  | { code: 'too_many_attempts' }
  | { code: 'code_expired' }
  | { code: 'rate_limited'; refused: 'send' | 'guess'; retryAfterInSeconds: number }
  | { code: 'verification_session_not_found'; reason: Reason }
  | { code: 'not_signed_in'; reason: Reason }
)
