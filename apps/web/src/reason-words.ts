import type { Reason } from '@holdfast/client'
import type { Messages, PlainKey } from '@holdfast/messages'

/** Why somebody has to begin again, in words: what that means, what happened, and what to do about it. */
export interface ReasonWords {
  title: string
  story: string
  advice: string
}

const advice = {
  cookie_missing: 'over.cookies',
  cookie_malformed: 'over.newCookie',
  signature_invalid: 'over.newCookie',
  key_unknown: 'over.ourFault',
  key_revoked: 'problem.notSignedIn.advice',
  session_unknown: 'over.ourFault',
  store_replaced: 'over.ourFault',
  session_expired: 'problem.notSignedIn.advice',
  idle_timeout: 'problem.notSignedIn.advice',
  signed_out: 'over.notYou',
  ended_by_user: 'over.notYou',
  ended_by_operator: 'over.askSupport',
  verification_expired: 'problem.sessionNotFound.advice',
  verification_exhausted: 'problem.sessionNotFound.advice',
  verification_cancelled: 'over.otherTab',
  verification_used: 'over.maybeSignedIn',
  never_started: 'over.otherBrowser',
} as const satisfies Record<Reason, PlainKey>

/** Only of a sign-in can these be the end. */
const endsOfSignIns: readonly Reason[] = [
  'session_expired',
  'idle_timeout',
  'signed_out',
  'ended_by_user',
  'ended_by_operator',
]

export function reasonWords(reason: Reason, messages: Messages, wasSignedIn = false): ReasonWords {
  return {
    title: messages.say(wasSignedIn || endsOfSignIns.includes(reason) ? 'over.signedOut' : 'over.startAgain'),
    story: messages.say(`reason.${reason}`),
    advice: messages.say(advice[reason]),
  }
}
