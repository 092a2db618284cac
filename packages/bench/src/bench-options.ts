import { parseArgs } from 'node:util'

export const benchNames = [
  'checks',
  'sign-ins',
  'starts',
  'key-rings',
  'commits',
  'growth',
  'purge',
  'mails',
  'page',
] as const
export type BenchName = (typeof benchNames)[number]

export interface BenchOptions {
  /** Show where the server's time goes, instead of comparing. */
  isProfile: boolean
  /** What is measured. */
  names: readonly BenchName[]
  rounds: number
  roundSeconds: number
  /** Load before the first round: V8 is still compiling the code that a sign-in runs for the first seconds. */
  warmUpSeconds: number
  starts: number
  /** Live sessions, and rows of the ledger, of the stores that are compared. */
  sessionCounts: readonly number[]
  /** Rows that the purge is to delete. */
  expiredRows: number
  /** Codes that wait for a mail server that is down, and how often, twice at least, that is tried with one server. */
  queuedMails: number
  mailRounds: number
  /** Mails whose way is timed. */
  handedOverMails: number
  /** Requests for a code whose answer is timed, with each kind of mail server. */
  timedAnswers: number
}

const quick = {
  rounds: 3,
  roundSeconds: 1,
  warmUpSeconds: 2,
  starts: 3,
  sessionCounts: [1_000, 20_000],
  expiredRows: 100_000,
  queuedMails: 1_000,
  mailRounds: 2,
  handedOverMails: 500,
  timedAnswers: 300,
}
const thorough = {
  rounds: 5,
  roundSeconds: 3,
  warmUpSeconds: 6,
  starts: 9,
  sessionCounts: [1_000, 100_000, 1_000_000],
  expiredRows: 1_000_000,
  queuedMails: 5_000,
  mailRounds: 3,
  handedOverMails: 3_000,
  timedAnswers: 2_000,
}

/** @throws {TypeError} when an option is not known */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [...benchNames] },
    },
  })
  const names = values.only.map((name) => {
    const found = benchNames.find((known) => known === name)
    if (found === undefined)
      throw new TypeError(`--only: expected one of ${benchNames.join(', ')}, got ${name}`)
    return found
  })
  return { isProfile: values.profile, names, ...(values.quick ? quick : thorough) }
}
