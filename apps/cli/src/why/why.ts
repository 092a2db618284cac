import { maskEmailAddress } from '@holdfast/core'
import type { StoreToRead } from '@holdfast/store'
import { CommandError } from '../command-error.ts'
import { readIdleMs } from '../idle-time.ts'
import type { Report } from '../report.ts'
import type { Settings } from '../settings.ts'
import { isoTime } from '../time-text.ts'
import { wrapBehind } from '../wrapped-text.ts'
import { howItStands } from './how-it-stands.ts'
import { readStory, type Story } from './read-story.ts'
import { fold, type Told, timelineOf } from './timeline.ts'

export interface WhyOptions {
  all?: boolean
}

const textColumn = 'YYYY-MM-DDTHH:MM:SSZ  '.length

/** Tells what happened to one verification and its sign-in, and how it stands now. */
export async function why(
  store: StoreToRead,
  name: string,
  { settings, nowMs, all }: WhyOptions & { settings: Settings; nowMs: number },
): Promise<Report> {
  const story = await readStory(store, name, nowMs)
  if (story === undefined) throw unknown(name, settings)
  const idleMs = await readIdleMs(store, settings)
  const standing = howItStands(story, { nowMs, idleMs })
  const timeline = timelineOf(story, standing)
  return {
    data: {
      ...describe(story),
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
    },
    text: [
      headOf(story),
      '',
      ...(all === true ? timeline : fold(timeline)).map(lineOf),
      '',
      `Now: ${standing.state}${standing.reason === null ? '' : `, ${standing.reason}`}`,
      wrapBehind(0, standing.sentence),
    ].join('\n'),
  }
}

function lineOf({ atMs, text }: Told): string {
  return `${isoTime(atMs)}  ${wrapBehind(textColumn, text)}`
}

function describe({ verification, signIn, own }: Story) {
  const asked = own.find(({ event }) => event === 'code_asked')?.detail
  const email = verification?.email ?? signIn?.email
  return {
    reference: verification?.reference ?? asked?.reference ?? null,
    type: verification?.type ?? asked?.type ?? null,
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
  }
}

function headOf(story: Story): string {
  const { reference, type, email, signIn } = describe(story)
  const parts = [
    reference === null ? [] : [`Reference ${reference}`],
    [[type, email].filter((part) => part !== null).join(' of ')],
    signIn === null ? [] : [`sign-in ${signIn.id}`],
  ]
  return parts
    .flat()
    .filter((part) => part !== '')
    .join(', ')
}

function unknown(name: string, { storePath }: Settings): CommandError {
  return CommandError.refused(
    `the store ${storePath} knows no ${JSON.stringify(name)}: it is read wrongly, of another installation (DATA_DIR, STORE_URL), or older than the ledger (400 days); sign-ins that live are in: holdfast sessions list`,
    { reference: name },
  )
}
