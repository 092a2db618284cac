import type { Reason } from '@holdfast/core'
import type { Refusal } from '../sign-in/refusal.ts'
import type { HttpContext } from './http-context.ts'
import { type ProblemDetails, sendProblem } from './problem.ts'
import { setRateLimits } from './rate-limit-headers.ts'

/** Answers a refusal in words that say what to do next. */
export function sendRefusal(ctx: HttpContext, refusal: Refusal): void {
  setRateLimits(ctx, refusal.rateLimits)
  sendProblem(ctx, refusal.code, describeRefusal(refusal))
}

/** What is to be told of a refusal. */
export function describeRefusal(refusal: Refusal): ProblemDetails {
  const { reference, signInId } = refusal
  return {
    ...describe(refusal),
    ...(reference === undefined ? {} : { reference }),
    ...(signInId === undefined ? {} : { signInId }),
  }
}

function describe(refusal: Refusal): ProblemDetails {
  switch (refusal.code) {
    case 'code_malformed':
      return { detail: `The code has ${refusal.codeLength} digits. This cost no try.` }
    case 'code_incorrect': {
      const { attemptsLeft } = refusal
      const detail = attemptsLeft === 0 ? 'That was the last try.' : 'Please check the code and try again.'
      return { detail, attemptsLeft }
    }
    case 'too_many_attempts': {
      const detail = 'All tries for this verification are used up. Please start over with a new code.'
      return { detail, attemptsLeft: 0, reason: 'verification_exhausted', retryAfterInSeconds: 1 }
    }
    case 'code_expired':
      return { detail: 'The code has expired. Please ask for a new one.', reason: 'verification_expired' }
    case 'rate_limited': {
      const { retryAfterInSeconds } = refusal
      const next = refusal.refused === 'send' ? 'ask for another code' : 'try another code'
      const detail = `Please wait ${retryAfterInSeconds} seconds before you ${next}.`
      return { detail, retryAfterInSeconds }
    }
    case 'verification_session_not_found': {
      const { reason } = refusal
      return {
        detail: `Verification session not found. Please start over. ${explainVerification(reason)}`.trim(),
        reason,
      }
    }
    case 'not_signed_in': {
      const { reason } = refusal
      return { detail: `Please sign in. ${explainSignIn(reason)}`.trim(), reason }
    }
  }
}

function explainVerification(reason: Reason): string {
  switch (reason) {
    case 'verification_used':
      return 'Its code has been used already.'
    case 'verification_cancelled':
      return 'It was cancelled, or replaced by a newer one.'
    case 'key_unknown':
    case 'key_revoked':
    case 'signature_invalid':
      return 'It was begun under a key that this server does not have.'
    case 'store_replaced':
      return 'It was begun with another database.'
    default:
      return ''
  }
}

function explainSignIn(reason: Reason): string {
  switch (reason) {
    case 'cookie_missing':
      return 'The request came without a session.'
    case 'session_expired':
      return 'The sign-in has reached its end.'
    case 'idle_timeout':
      return 'The sign-in was not used for too long.'
    case 'signed_out':
      return 'It was signed out.'
    case 'ended_by_user':
      return 'The sign-in was ended from another one of the account.'
    case 'ended_by_operator':
    case 'key_revoked':
      return 'The sign-in was ended by the operator of this service.'
    case 'key_unknown':
    case 'signature_invalid':
      return 'The session is signed with a key that this server does not have.'
    case 'store_replaced':
      return 'The session was begun with another database.'
    default:
      return ''
  }
}
