import type { StoreToRead } from '@holdfast/store'
import { describeStory, fold, isoTime, readStory, type ToldStory, tellStory } from '@holdfast/story'
import { CommandError } from '../command-error.ts'
import { readIdleMs } from '../idle-time.ts'
import type { Report } from '../report.ts'
import type { Settings } from '../settings.ts'
import { wrapBehind } from '../wrapped-text.ts'

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
  const told = tellStory(story, { nowMs, idleMs })
  const { standing, timeline } = told
  return {
    data: describeStory(told),
    text: [
      headOf(told),
      '',
      ...(all === true ? timeline : fold(timeline)).map(lineOf),
      '',
      `Now: ${standing.state}${standing.reason === null ? '' : `, ${standing.reason}`}`,
      wrapBehind(0, standing.sentence),
    ].join('\n'),
  }
}

function lineOf({ atMs, text }: ToldStory['timeline'][number]): string {
  return `${isoTime(atMs)}  ${wrapBehind(textColumn, text)}`
}

function headOf({ reference, type, email, signIn }: ToldStory): string {
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
