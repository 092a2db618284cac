import { maskEmailAddress } from '@holdfast/core'
import type { StoreToRead } from '@holdfast/store'
import { describeStory, findStories, isoTime, readStory, type ToldStory, tellStory } from '@holdfast/story'
import { CommandError } from '../command-error.ts'
import { readIdleMs } from '../idle-time.ts'
import type { Report } from '../report.ts'
import type { Settings } from '../settings.ts'
import { formatTable } from '../table.ts'

export interface AddressOptions {
  /** Canonical. */
  email: string
  limit: number
}

interface ListedStory {
  beganAtMs: number
  told: ToldStory
}

/** Lists the verifications of an address and the sign-ins they led to, the newest first, and how each stands now. */
export async function whyOfAddress(
  store: StoreToRead,
  { email, limit }: AddressOptions,
  { settings, nowMs }: { settings: Settings; nowMs: number },
): Promise<Report> {
  const idleMs = await readIdleMs(store, settings)
  const { stories, count } = await findStories(store, email, limit)
  if (count === 0) throw unknown(email, settings)
  const listed: ListedStory[] = []
  for (const { name, beganAtMs } of stories) {
    const story = await readStory(store, name, nowMs)
    // One that was purged in this moment is no longer of the address.
    if (story !== undefined) listed.push({ beganAtMs, told: tellStory(story, { nowMs, idleMs }) })
  }
  const left = count - stories.length
  return {
    data: { count, email: maskEmailAddress(email), stories: listed.map(describe) },
    text: [
      `Of ${maskEmailAddress(email)}: ${count}, the newest first (times are UTC)`,
      '',
      tableOf(listed),
      ...(left > 0 ? [`... and ${left} more (--limit)`] : []),
    ].join('\n'),
  }
}

/** All but the events: `holdfast why` with the reference has them. */
function describe({ beganAtMs, told }: ListedStory) {
  const { events: _events, email: _email, ...rest } = describeStory(told)
  return { beganAt: isoTime(beganAtMs), ...rest }
}

function tableOf(listed: readonly ListedStory[]): string {
  return formatTable(
    ['began', 'reference', 'for', 'sign-in', 'now'],
    listed.map(({ beganAtMs, told: { reference, type, signIn, standing } }) => [
      isoTime(beganAtMs).slice(0, 16).replace('T', ' '),
      reference ?? '-',
      type ?? '-',
      signIn?.id ?? '-',
      standing.reason === null ? standing.state : `${standing.state}, ${standing.reason}`,
    ]),
  )
}

function unknown(email: string, { storePath }: Settings): CommandError {
  return CommandError.refused(
    `the store ${storePath} knows nothing of ${maskEmailAddress(email)}: nobody asked for a code for it there, or all of it is over and its records are purged (a verification after a week, a sign-in after a day); the ledger, which tells the rest, holds no address: ask for the reference`,
    { count: 0 },
  )
}
