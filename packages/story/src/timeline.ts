import type { Entry } from './entry.ts'
import type { Story } from './read-story.ts'
import type { Standing } from './standing.ts'
import { tellEvent } from './tell-event.ts'

/** One line of the timeline. */
export interface Told {
  atMs: number
  /** The event of the ledger, or the reason of an end that comes by time alone. */
  event: string
  text: string
  entry?: Entry
}

/** Of a row of events that are alike, so many are told at each end. */
const toldAtEachEnd = 2

/** The whole story, oldest first. */
export function timelineOf(story: Story, standing: Standing): Told[] {
  const entries = [...story.own, ...story.around].sort(
    (one, other) => one.atMs - other.atMs || one.id - other.id,
  )
  const told = entries.map((entry) => ({
    atMs: entry.atMs,
    event: entry.event,
    text: tellEvent(entry, story),
    entry,
  }))
  const end = endByTime(standing)
  return end === undefined ? told : [...told, end].sort((one, other) => one.atMs - other.atMs)
}

/** Nothing is recorded when time alone ends something. */
function endByTime({ reason, sinceMs }: Standing): Told | undefined {
  if (sinceMs === null) return undefined
  switch (reason) {
    case 'verification_expired':
      return { atMs: sinceMs, event: reason, text: 'the code expired' }
    case 'idle_timeout':
      return { atMs: sinceMs, event: reason, text: 'the sign-in ended: it had not been used for too long' }
    case 'session_expired':
      return { atMs: sinceMs, event: reason, text: 'the sign-in ended: its longest time was over' }
    default:
      return undefined
  }
}

/** Leaves out the middle of many events of servers and keys, or of many refusals, in a row. */
export function fold(timeline: readonly Told[]): Told[] {
  const folded: Told[] = []
  for (let at = 0; at < timeline.length; ) {
    const group = runFrom(timeline, at)
    const left = group.length - 2 * toldAtEachEnd
    const [first] = group.slice(toldAtEachEnd)
    if (left < 2 || first === undefined) folded.push(...group)
    else {
      folded.push(
        ...group.slice(0, toldAtEachEnd),
        { atMs: first.atMs, event: 'folded', text: `... and ${left} more like these (--all shows them)` },
        ...group.slice(-toldAtEachEnd),
      )
    }
    at += group.length
  }
  return folded
}

function runFrom(timeline: readonly Told[], at: number): Told[] {
  const kind = kindOf(timeline[at])
  const next = timeline.findIndex((told, index) => index > at && kindOf(told) !== kind)
  const length = kind === undefined ? 1 : (next === -1 ? timeline.length : next) - at
  return timeline.slice(at, at + length)
}

function kindOf(told: Told | undefined): string | undefined {
  if (told === undefined) return undefined
  if (/^(server|store|key)_/.test(told.event)) return 'around'
  return told.event === 'rejected' ? `rejected ${told.entry?.reason}` : undefined
}
