import { type Reason, refusalOf } from '@holdfast/core'
import type { VerificationRow } from '@holdfast/store'
import { spanOf, spokenTime } from '../time-text.ts'
import type { Entry } from './entry.ts'
import type { Story } from './read-story.ts'
import { tellReason } from './tell-reason.ts'

/** How it stands now: in one word, with its reason, and in a sentence that can be read to the person. */
export interface Standing {
  state: 'waiting' | 'signed_in' | 'over'
  reason: Reason | null
  /** When it came to be over. */
  sinceMs: number | null
  sentence: string
}

export interface StandingOptions {
  nowMs: number
  /** How long the servers let a sign-in idle. */
  idleMs: number
}

export function howItStands(story: Story, options: StandingOptions): Standing {
  if (story.signIn !== undefined) return standingOfSignIn(story, story.signIn, options)
  if (story.verification === undefined) throw new Error('expected a story of something')
  return standingOfVerification(story, story.verification, options)
}

function standingOfSignIn(
  { own }: Story,
  signIn: NonNullable<Story['signIn']>,
  { nowMs, idleMs }: StandingOptions,
): Standing {
  const since = spokenTime(signIn.authTimeMs)
  const over = (reason: Reason, sinceMs: number, sentence: string): Standing => ({
    state: 'over',
    reason,
    sinceMs,
    sentence: `You were signed in from ${since} to ${spokenTime(sinceMs)}; ${sentence} Please sign in again.`,
  })
  if (signIn.endedAtMs !== null) {
    const ending = own.findLast(({ event }) => event === 'signed_out' || event === 'sign_in_ended')
    const reason = (ending?.reason ?? signIn.endReason ?? 'signed_out') as Reason
    return over(reason, signIn.endedAtMs, sayEnding(reason, ending))
  }
  const idleAtMs = signIn.lastSeenAtMs + idleMs
  const expired = 'a sign-in ends after so long in any case.'
  const idled = `it was last used at ${spokenTime(signIn.lastSeenAtMs)}, and ends when it is not used for ${spanOf(idleMs)}.`
  if (signIn.expiresAtMs <= nowMs && signIn.expiresAtMs <= idleAtMs)
    return over('session_expired', signIn.expiresAtMs, expired)
  if (idleAtMs <= nowMs) return over('idle_timeout', idleAtMs, idled)
  return {
    state: 'signed_in',
    reason: null,
    sinceMs: null,
    sentence: `You are signed in since ${since}, last seen at ${spokenTime(signIn.lastSeenAtMs)}; this lasts until ${spokenTime(Math.min(idleAtMs, signIn.expiresAtMs))} if it is not used, and until ${spokenTime(signIn.expiresAtMs)} at the latest.`,
  }
}

function sayEnding(reason: Reason, ending: Entry | undefined): string {
  switch (reason) {
    case 'signed_out':
      if (ending?.detail.replacedBy !== undefined) return 'then you signed in anew in the same browser.'
      return ending?.detail.everywhere === true
        ? 'then you signed out everywhere, from another browser.'
        : 'then you signed out.'
    case 'ended_by_user':
      return 'then you ended it from another browser.'
    case 'ended_by_operator':
      return 'then the operator ended it.'
    default:
      return `then the operator ended it, because ${tellReason(reason, ending?.kid ?? null)}.`
  }
}

function standingOfVerification(
  story: Story,
  verification: VerificationRow,
  { nowMs }: StandingOptions,
): Standing {
  const { own } = story
  const reason = refusalOf(verification, nowMs)
  const over = (sinceMs: number, sentence: string, because: Reason | undefined = reason): Standing => ({
    state: 'over',
    reason: because ?? null,
    sinceMs,
    sentence,
  })
  const { maxAttempts, sentAtMs, expiresAtMs } = verification
  switch (reason) {
    case 'verification_cancelled': {
      const ending = own.findLast(({ event }) => event === 'verification_cancelled')
      const because = (ending?.reason ?? reason) as Reason
      return over(
        ending?.atMs ?? sentAtMs,
        `It was cancelled ${sayCancelled(because, ending, story)}`,
        because,
      )
    }
    case 'verification_used':
      return over(
        verification.verifiedAtMs ?? sentAtMs,
        'The code was used to sign in, and that sign-in is no longer in the store.',
      )
    case 'verification_exhausted':
      return over(
        own.findLast(({ event }) => event === 'guess_wrong')?.atMs ?? sentAtMs,
        `All ${maxAttempts} tries were spent on wrong codes. Please start over with a new code.`,
      )
    case 'verification_expired':
      return over(
        expiresAtMs,
        `The code expired at ${spokenTime(expiresAtMs)} without having been entered. ${sayDelivery(story)}Please ask for a new one.`,
      )
    case undefined:
      return {
        state: 'waiting',
        reason: null,
        sinceMs: null,
        sentence: `${sayDelivery(story)}The code is good until ${spokenTime(expiresAtMs)}; ${maxAttempts - verification.attempts} of ${maxAttempts} tries are left.`,
      }
  }
}

function sayCancelled(reason: Reason, ending: Entry | undefined, { replacedBy }: Story): string {
  if (reason !== 'verification_cancelled') {
    return `by the operator, because ${tellReason(reason, ending?.kid ?? null)}. Please ask for a new code.`
  }
  return replacedBy === undefined
    ? 'in the browser that had asked for it. Please ask for a new code.'
    : `when a newer code was asked for in the same browser (${replacedBy}): only that one counts.`
}

/** What became of the mail of the newest code, and what to do about it. */
function sayDelivery({ codes, own }: Story): string {
  const code = codes.at(-1)
  const reply = own.findLast(({ detail }) => typeof detail.reply === 'string')?.detail.reply ?? ''
  const said = reply === '' ? '' : ` (${reply})`
  switch (code?.delivery) {
    case 'sent':
      return 'The mail server took its mail over: please look among the unwanted mails too. '
    case 'failed':
      return `Its mail could not be delivered${said}: please check the address. `
    case 'delayed':
      return `Its mail is not handed over yet${said} and is tried again. `
    case 'unknown':
      return 'Its mail may have arrived or not: please look, also among the unwanted mails. '
    case 'queued':
      return 'Its mail waits to be handed to the mail server. '
    default:
      return ''
  }
}
