import type { Reason } from '@holdfast/core'
import type { Story } from './read-story.ts'
import { sayEnding } from './say-ending.ts'
import type { Standing } from './standing.ts'
import { spokenTime } from './time-text.ts'

/** The records are purged, which happens some time after all is over: the ledger alone tells. */
export function standingByLedger({ own }: Story): Standing {
  const over = (reason: Reason | null, sinceMs: number | null, sentence: string): Standing => ({
    state: 'over',
    reason,
    sinceMs,
    sentence,
  })
  const signedIn = own.find(({ event }) => event === 'signed_in')
  const ending = own.findLast(({ event }) =>
    ['signed_out', 'sign_in_ended', ...(signedIn === undefined ? ['verification_cancelled'] : [])].includes(
      event,
    ),
  )
  if (signedIn === undefined) {
    return over(
      (ending?.reason as Reason | undefined) ?? null,
      ending?.atMs ?? null,
      'It did not lead to a sign-in and was over long ago. Please ask for a new code.',
    )
  }
  const since = `You were signed in from ${spokenTime(signedIn.atMs)}`
  if (ending === undefined) {
    return over(
      null,
      null,
      `${since}; that ended by time and is over for more than a day. Please sign in again.`,
    )
  }
  const reason = ending.reason as Reason
  return over(
    reason,
    ending.atMs,
    `${since} to ${spokenTime(ending.atMs)}; ${sayEnding(reason, ending)} Please sign in again.`,
  )
}
