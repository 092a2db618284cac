import type { Delivery, Problem, Refusal, RefusalCode, Unreachable } from '@holdfast/client'
import type { MessagePart, Messages, PlainKey } from '@holdfast/messages'
import type { Action } from './calls.svelte.ts'
import { formatWait } from './countdown.ts'
import { reasonWords } from './reason-words.ts'

/** A problem in words: what happened, and what to do about it. */
export interface Words {
  title: string
  advice: string
}

/** Messages that come in pairs, by what they have in common. */
type Pair =
  | 'incompleteCode'
  | 'invalidAddress'
  | 'incorrectCode'
  | 'tooManyAttempts'
  | 'expiredCode'
  | 'sessionNotFound'
  | 'rateLimited'
  | 'notSignedIn'
  | 'crossSite'
  | 'misdirected'
  | 'badRequest'
  | 'headersTooLarge'
  | 'outdatedPage'
  | 'tooLong'
  | 'internal'

type RefusalWords = (refusal: Refusal, messages: Messages, action: Action | null) => Words

/** Most are said in the same words whatever comes with them. */
export const refusalWords: Record<RefusalCode, Pair | RefusalWords> = {
  invalid_request: ({ errors }, messages) =>
    pair(messages, errors?.some(({ path }) => path === 'code') ? 'incompleteCode' : 'invalidAddress'),
  code_malformed: 'incompleteCode',
  code_incorrect: ({ attemptsLeft }, messages) => {
    const words = pair(messages, 'incorrectCode')
    return attemptsLeft === undefined ? words : { ...words, advice: triesLeft(attemptsLeft, messages) }
  },
  too_many_attempts: (refusal, messages) => whenAgain(refusal, messages, 'tooManyAttempts'),
  code_expired: 'expiredCode',
  verification_session_not_found: (refusal, messages) => withReason(refusal, messages, 'sessionNotFound'),
  rate_limited: (refusal, messages, action) => {
    const words = whenAgain(refusal, messages, 'rateLimited')
    // Until then no code is looked at, the right one neither.
    return action === 'verify' ? { ...words, title: messages.say('problem.guessLimited.title') } : words
  },
  not_signed_in: (refusal, messages) => withReason(refusal, messages, 'notSignedIn'),
  cross_site_request: 'crossSite',
  misdirected_request: 'misdirected',
  bad_request: 'badRequest',
  request_timeout: 'badRequest',
  headers_too_large: 'headersTooLarge',
  expectation_failed: 'badRequest',
  store_unavailable: (_, messages) => keptTrying(messages, 'problem.storeUnavailable.title'),
  overloaded: (_, messages) => keptTrying(messages, 'problem.overloaded.title'),
  not_found: 'outdatedPage',
  method_not_allowed: 'outdatedPage',
  payload_too_large: 'tooLong',
  unsupported_media_type: 'outdatedPage',
  internal: 'internal',
}

const unreachableNames = {
  network: 'network',
  timeout: 'timeout',
  unexpected_answer: 'unexpected',
  cancelled: 'network',
} as const satisfies Record<Unreachable['cause'], string>

/** `action`: what it was that was refused, where that is known. */
export function describeProblem(problem: Problem, messages: Messages, action: Action | null = null): Words {
  if (problem.code !== 'unreachable') {
    const words = refusalWords[problem.code]
    return typeof words === 'string' ? pair(messages, words) : words(problem, messages, action)
  }
  const name = unreachableNames[problem.cause]
  return {
    title: messages.say(`unreachable.${name}.title`),
    advice: messages.say(`unreachable.${name}.advice`),
  }
}

export function triesLeft(attemptsLeft: number, messages: Messages): string {
  return messages.say('code.triesLeft', { count: attemptsLeft })
}

/** Over the field for the code: of a mail that has failed an earlier one may be there. */
export function deliveryHeading(delivery: Delivery): PlainKey {
  if (delivery === 'delayed') return 'delayed.heading'
  return delivery === 'failed' ? 'mailFailed.heading' : 'code.heading'
}

const deliveryLeads = {
  queued: 'delivery.sending',
  sent: 'delivery.sent',
  delayed: 'delivery.sending',
  failed: 'delivery.failed',
  unknown: 'delivery.sending',
} as const satisfies Record<Delivery, string>

/** Where the mail is, with the address in it. */
export function deliveryLead(delivery: Delivery, email: string, messages: Messages): MessagePart[] {
  return messages.parts(deliveryLeads[delivery], { email })
}

export function deliveryNote(delivery: Delivery, messages: Messages): string {
  return messages.say(`delivery.${delivery}.note`)
}

/** What is said of a code that has expired: perhaps it never was in the mail. */
export function expiredLead(delivery: Delivery, email: string, messages: Messages): MessagePart[] {
  const mayHaveArrived = delivery === 'sent' || delivery === 'unknown'
  return messages.parts(mayHaveArrived ? 'expired.lead' : 'expired.unsentLead', { email })
}

function pair(messages: Messages, name: Pair): Words {
  return { title: messages.say(`problem.${name}.title`), advice: messages.say(`problem.${name}.advice`) }
}

function withReason({ reason }: Refusal, messages: Messages, name: Pair): Words {
  const { title, advice } = pair(messages, name)
  if (reason === undefined) return { title, advice }
  const words = reasonWords(reason, messages)
  return { title, advice: messages.say('sentences', { first: words.story, second: words.advice }) }
}

function whenAgain({ retryAfterInSeconds }: Refusal, messages: Messages, name: Pair): Words {
  const words = pair(messages, name)
  if (!retryAfterInSeconds) return words
  const wait = formatWait(retryAfterInSeconds, messages.language)
  return { ...words, advice: messages.say('problem.tryAgain', { wait }) }
}

function keptTrying(
  messages: Messages,
  title: 'problem.storeUnavailable.title' | 'problem.overloaded.title',
): Words {
  return { title: messages.say(title), advice: messages.say('problem.keepTrying') }
}
