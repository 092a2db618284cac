import { parseEmailAddress } from '@holdfast/core'
import type { SignInChoice } from '@holdfast/store'
import { CommandError } from '../command-error.ts'

export interface ChoiceOptions {
  email?: string
  account?: string
  before?: string
  all?: boolean
}

/** @throws {CommandError} when an option cannot be meant as it is written */
export function chooseSignIns(options: ChoiceOptions, signInId?: string): SignInChoice {
  return {
    ...(signInId === undefined ? {} : { signInId }),
    ...(options.email === undefined ? {} : { email: parseEmail(options.email) }),
    ...(options.account === undefined ? {} : { accountId: options.account }),
    ...(options.before === undefined ? {} : { beforeMs: parseTime(options.before) }),
  }
}

/** What is to be ended must be said, and in one way: nobody ends all sign-ins by leaving something out. */
export function chooseSignInsToEnd(options: ChoiceOptions, signInId?: string): SignInChoice {
  const ways = [
    signInId !== undefined,
    options.all === true,
    [options.email, options.account, options.before].some((option) => option !== undefined),
  ]
  if (ways.filter((isSaid) => isSaid).length !== 1) {
    throw CommandError.refused(
      'say which sign-ins to end: an id, or --all, or --email, --account and --before, which can stand together',
    )
  }
  return chooseSignIns(options, signInId)
}

function parseEmail(text: string): string {
  const parsed = parseEmailAddress(text)
  if (!parsed.ok) throw CommandError.refused(`--email ${parsed.fault}; expected one address`)
  return parsed.email
}

/** ISO 8601 with its zone: a time that is read in another zone than it was meant in ends other sign-ins. */
function parseTime(text: string): number {
  const hasZone = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
  const timeMs = hasZone ? Date.parse(text) : Number.NaN
  if (Number.isNaN(timeMs)) {
    throw CommandError.refused('--before expected a time with its zone, such as 2026-01-31T10:00:00Z')
  }
  return timeMs
}
