import { deliveryAt, type Reason, refusalOf } from '@holdfast/core'
import type { VerificationRow } from '@holdfast/store'
import type { Entry } from './entry.ts'
import type { Story } from './read-story.ts'
import type { Standing, StandingOptions } from './standing.ts'
import { standingByLedger } from './standing-by-ledger.ts'
import { tellReason } from './tell-reason.ts'
import { spokenTime } from './time-text.ts'

export function standingOfVerification(
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
      return standingByLedger(story)
    case 'verification_exhausted':
      return over(
        own.findLast(({ event }) => event === 'guess_wrong')?.atMs ?? sentAtMs,
        `All ${maxAttempts} tries were spent on wrong codes. Please start over with a new code.`,
      )
    case 'verification_expired':
      return over(
        expiresAtMs,
        `The code expired at ${spokenTime(expiresAtMs)} without having been entered. ${sayDelivery(story, nowMs)}Please ask for a new one.`,
      )
    case undefined:
      return {
        state: 'waiting',
        reason: null,
        sinceMs: null,
        sentence: `${sayDelivery(story, nowMs)}The code is good until ${spokenTime(expiresAtMs)}; ${maxAttempts - verification.attempts} of ${maxAttempts} tries are left.`,
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

const afterTries = new Set(['code_delayed', 'code_interrupted', 'code_not_deliverable'])

/** What became of the mail of the newest code, and what to do about it. */
function sayDelivery({ codes, own }: Story, nowMs: number): string {
  const code = codes.at(-1)
  if (code === undefined) return ''
  const ofCode = own.filter(({ detail }) => detail.number === code.number)
  const reply = ofCode.findLast(({ detail }) => typeof detail.reply === 'string')?.detail.reply ?? ''
  const said = reply === '' ? '' : ` (${reply})`
  switch (deliveryAt(code, nowMs)) {
    case 'sent':
      return 'The mail server took its mail over: please look in the spam folder too. '
    case 'failed':
      return ofCode.findLast(({ event }) => afterTries.has(event))?.event === 'code_not_deliverable'
        ? `Its mail could not be delivered${said}: please check the address. `
        : `Its mail could not be handed over in time${said}. `
    case 'delayed':
      return `Its mail is not handed over yet${said} and is tried again. `
    case 'unknown':
      return 'Its mail may have arrived or not: please look, also in the spam folder. '
    case 'queued':
      return 'Its mail waits to be handed to the mail server. '
  }
}
