import { maskEmailAddress } from '@holdfast/core'
import { type LiveSignIn, readLiveSignIns, type StoreToRead } from '@holdfast/store'
import { isoTime } from '@holdfast/story'
import type { Report } from '../report.ts'
import { formatTable } from '../table.ts'
import { type ChoiceOptions, chooseSignIns } from './choose-sign-ins.ts'

export interface ListOptions extends ChoiceOptions {
  limit: number
}

/** The live sign-ins, the one used last first. */
export async function listSessions(
  store: StoreToRead,
  options: ListOptions,
  at: { nowMs: number; idleMs: number },
): Promise<Report> {
  const choice = chooseSignIns(options)
  const { signIns, count } = await readLiveSignIns(store, choice, { ...at, limit: options.limit })
  const left = count - signIns.length
  const sessions = signIns.map((signIn) => describe(signIn, at.idleMs))
  return {
    data: { count, sessions },
    text: [
      count === 0 ? 'Live sign-ins: 0' : `Live sign-ins: ${count} (times are UTC)`,
      ...(count === 0 ? [] : ['', tableOf(sessions)]),
      ...(left > 0 ? [`... and ${left} more (--limit)`] : []),
    ].join('\n'),
  }
}

type DescribedSignIn = ReturnType<typeof describe>

function describe(signIn: LiveSignIn, idleMs: number) {
  return {
    id: signIn.id,
    email: maskEmailAddress(signIn.email),
    accountId: signIn.accountId,
    authTime: isoTime(signIn.authTimeMs),
    lastSeenAt: isoTime(signIn.lastSeenAtMs),
    /** Unless it is used meanwhile. */
    idleAt: isoTime(signIn.lastSeenAtMs + idleMs),
    expiresAt: isoTime(signIn.expiresAtMs),
  }
}

function tableOf(sessions: readonly DescribedSignIn[]): string {
  return formatTable(
    ['sign-in', 'address', 'signed in', 'last seen', 'expires'],
    sessions.map(({ id, email, authTime, lastSeenAt, expiresAt }) => [
      id,
      email.length > shownAddress ? `${email.slice(0, shownAddress - 1)}…` : email,
      short(authTime),
      short(lastSeenAt),
      short(expiresAt),
    ]),
  )
}

/** What is left of 100 columns for the address. */
const shownAddress = 20

/** To the minute. */
function short(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
