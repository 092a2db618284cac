import { maskEmailAddress } from '@holdfast/core'
import { howItStands } from './how-it-stands.ts'
import type { Story } from './read-story.ts'
import type { Standing, StandingOptions } from './standing.ts'
import { isoTime } from './time-text.ts'
import { type Told, timelineOf } from './timeline.ts'

/** A story in words that can be shown: nothing secret, and no full address. */
export interface ToldStory {
  reference: string | null
  type: string | null
  email: string | null
  signIn: { id: string; accountId: string; authTime: string; lastSeenAt: string; expiresAt: string } | null
  standing: Standing
  /** Oldest first. */
  timeline: Told[]
}

export function tellStory(story: Story, options: StandingOptions): ToldStory {
  const { verification, signIn, own } = story
  const asked = own.find(({ event }) => event === 'code_asked')?.detail
  const email = verification?.email ?? signIn?.email
  const standing = howItStands(story, options)
  return {
    reference: verification?.reference ?? textOf(asked?.reference),
    type: verification?.type ?? textOf(asked?.type),
    email: email === undefined ? null : maskEmailAddress(email),
    signIn:
      signIn === undefined
        ? null
        : {
            id: signIn.id,
            accountId: signIn.accountId,
            authTime: isoTime(signIn.authTimeMs),
            lastSeenAt: isoTime(signIn.lastSeenAtMs),
            expiresAt: isoTime(signIn.expiresAtMs),
          },
    standing,
    timeline: timelineOf(story, standing),
  }
}

/** The same as plain values, for machines. */
export function describeStory({ standing, timeline, ...about }: ToldStory) {
  return {
    ...about,
    state: standing.state,
    reason: standing.reason,
    since: standing.sinceMs === null ? null : isoTime(standing.sinceMs),
    sentence: standing.sentence,
    events: timeline.map(({ atMs, event, text, entry }) => ({
      at: new Date(atMs).toISOString(),
      event,
      reason: entry?.reason ?? null,
      kid: entry?.kid ?? null,
      detail: entry?.detail ?? {},
      text,
    })),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
