import type { Delivery, Problem, Reason, Refusal, RefusalCode, Unreachable } from '@holdfast/client'
import { formatWait } from './countdown.ts'

/** A problem in words: what happened, and what to do about it. */
export interface Words {
  title: string
  advice: string
}

const reload = 'Reload the page and try again.'

const incompleteCode: Words = {
  title: 'That is not the whole code.',
  advice: 'Enter every digit from the email. This did not cost a try.',
}

const notWhole = (): Words => ({ title: 'The request did not arrive whole.', advice: 'Please try again.' })

export const refusalWords: Record<RefusalCode, (refusal: Refusal) => Words> = {
  invalid_request: ({ errors }) =>
    errors?.some(({ path }) => path === 'code')
      ? incompleteCode
      : { title: 'That is not a full email address.', advice: 'It should look like name@example.com.' },
  code_malformed: () => incompleteCode,
  code_incorrect: ({ attemptsLeft }) => ({
    title: 'That is not the right code.',
    advice: attemptsLeft === undefined ? 'Check the email and try again.' : `${triesLeft(attemptsLeft)}.`,
  }),
  too_many_attempts: (refusal) => ({
    title: 'Too many wrong codes.',
    advice: tryAgain(refusal, 'Start again to get a new code.'),
  }),
  code_expired: () => ({ title: 'This code has expired.', advice: 'Ask for a new one.' }),
  verification_session_not_found: ({ reason }) => ({
    title: 'Verification session not found. Please start over.',
    advice: `${reason ? `${reasonWords[reason]} ` : ''}Enter your email address to get a new code.`,
  }),
  rate_limited: (refusal) => ({
    title: 'That was too soon or too often.',
    advice: tryAgain(refusal, 'Wait a little and try again.'),
  }),
  not_signed_in: ({ reason }) => ({
    title: 'You are not signed in any more.',
    advice: `${reason ? `${reasonWords[reason]} ` : ''}Enter your email address to sign in.`,
  }),
  cross_site_request: () => ({
    title: 'This request came from another site, so it was refused.',
    advice: 'Open the sign-in page at its own address and try again.',
  }),
  misdirected_request: () => ({
    title: 'This is not the address of the sign-in page.',
    advice: 'Open it at its own address and try again.',
  }),
  bad_request: notWhole,
  request_timeout: notWhole,
  headers_too_large: () => ({
    title: 'Your browser sent more than this service reads.',
    advice: 'Clear its cookies for this address and try again.',
  }),
  expectation_failed: notWhole,
  store_unavailable: () => ({
    title: 'The sign-in service cannot reach its database right now.',
    advice: 'Nothing is lost. We keep trying.',
  }),
  overloaded: () => ({
    title: 'The sign-in service has too much to do right now.',
    advice: 'Nothing is lost. We keep trying.',
  }),
  not_found: () => ({ title: 'This page is out of date.', advice: reload }),
  method_not_allowed: () => ({ title: 'This page is out of date.', advice: reload }),
  payload_too_large: () => ({ title: 'That is too long.', advice: 'Check what you entered.' }),
  unsupported_media_type: () => ({ title: 'This page is out of date.', advice: reload }),
  internal: () => ({
    title: 'Something went wrong on our side.',
    advice: 'Please try again. If it keeps happening, tell support the id below.',
  }),
}

export const unreachableWords: Record<Unreachable['cause'], Words> = {
  network: {
    title: 'We cannot reach the sign-in service.',
    advice: 'Check your connection. Nothing is lost, and we keep trying.',
  },
  timeout: {
    title: 'The sign-in service is taking too long to answer.',
    advice: 'Nothing is lost, and we keep trying.',
  },
  unexpected_answer: {
    title: 'The sign-in service is not available right now.',
    advice: 'Something else answered in its place. Nothing is lost, and we keep trying.',
  },
}

export const reasonWords: Record<Reason, string> = {
  cookie_missing:
    'Your browser did not send the cookie that keeps your place. Check that it accepts cookies.',
  cookie_malformed: 'The cookie that keeps your place arrived damaged.',
  signature_invalid: 'The cookie that keeps your place was not issued by this service.',
  key_unknown: 'The service no longer has the key that your session was signed with.',
  key_revoked: 'The key that your session was signed with was withdrawn for safety.',
  session_unknown: 'The service has no record of this session any more.',
  store_replaced: 'The database of the service was replaced after you began.',
  session_expired: 'The session reached the end of its life.',
  idle_timeout: 'The session was not used for too long.',
  signed_out: 'You signed out.',
  ended_by_user: 'You ended this sign-in from another place.',
  ended_by_operator: 'An administrator ended this session.',
  verification_expired: 'The code expired before it was used.',
  verification_exhausted: 'Too many wrong codes were entered.',
  verification_cancelled: 'The sign-in was cancelled, perhaps in another tab.',
  verification_used: 'The code was already used.',
  never_started: 'No sign-in was under way in this browser.',
}

/** Where the mail is: the words before the address, and a note once there is something to say. */
export const deliveryWords: Record<Delivery, { lead: string; note: string }> = {
  queued: { lead: 'We are sending a code to', note: 'Handing it to the mail server\u2026' },
  sent: {
    lead: 'We sent a code to',
    note: 'It usually arrives within a minute. Check your spam folder too.',
  },
  delayed: {
    lead: 'We are sending a code to',
    note: 'The mail server asked us to wait. We keep trying, this can take a few minutes.',
  },
  failed: {
    lead: 'We could not send a code to',
    note: 'The mail server refused it. Check the address, or send a new code.',
  },
  unknown: {
    lead: 'We sent a code to',
    note: 'The mail server did not confirm it. If nothing arrives in a minute, send a new code.',
  },
}

export function describeProblem(problem: Problem): Words {
  return problem.code === 'unreachable'
    ? unreachableWords[problem.cause]
    : refusalWords[problem.code](problem)
}

export function triesLeft(attemptsLeft: number): string {
  return attemptsLeft === 1 ? 'One try left' : `${attemptsLeft} tries left`
}

function tryAgain({ retryAfterInSeconds }: Refusal, otherwise: string): string {
  return retryAfterInSeconds ? `You can try again in ${formatWait(retryAfterInSeconds)}.` : otherwise
}
