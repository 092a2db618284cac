import type { Reason } from '@holdfast/core'
import type { Story } from './read-story.ts'
import { sayEnding } from './say-ending.ts'
import type { Standing, StandingOptions } from './standing.ts'
import { spanOf, spokenTime } from './time-text.ts'

export function standingOfSignIn(
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
    sentence: `You have been signed in since ${since}, last seen at ${spokenTime(signIn.lastSeenAtMs)}; this lasts until ${spokenTime(Math.min(idleAtMs, signIn.expiresAtMs))} if it is not used, and until ${spokenTime(signIn.expiresAtMs)} at the latest.`,
  }
}
