import { goals } from './goals.ts'
import type { KeyRingSizes } from './key-ring-size.ts'
import type { LoadRound } from './load-round.ts'
import { cpuTimeRatio, perSecond, summarize } from './load-summary.ts'
import { median } from './median.ts'
import type { SessionCheckRounds } from './session-check.ts'
import type { SignInRounds } from './sign-in-load.ts'
import type { StartTimes } from './start-time.ts'

/** One line of the report. */
export interface ResultRow {
  what: string
  value: number
  unit: string
  ratios: Ratio[]
  /** For each second of CPU time that the server used: the rate without what held it up. */
  perCpuSecond?: number
  /** Shares of one core. */
  serverBusy?: number
  generatorBusy?: number
  goal?: string
  isMet?: boolean
}

export interface Ratio {
  to: string
  value: number
}

export function sessionCheckRows(rounds: SessionCheckRounds): ResultRow[] {
  const koa = summarize(rounds.bareKoa)
  const koaSession = summarize(rounds.koaSession)
  const own = summarize(rounds.holdfast)
  const page = summarize(rounds.page)
  const toKoa = own.value / koa.value
  const toKoaSession = own.value / koaSession.value
  const { leastShareOfBareKoa, leastShareOfKoaSession } = goals
  return [
    { what: 'JSON route, bare Koa', unit: 'req/s', ratios: [], ...koa },
    {
      what: 'session check, koa-session and a Map',
      unit: 'req/s',
      ratios: [{ to: 'bare Koa', value: koaSession.value / koa.value }],
      ...koaSession,
    },
    {
      what: 'session check, Holdfast',
      unit: 'req/s',
      ratios: [
        { to: 'bare Koa', value: toKoa },
        { to: 'koa-session', value: toKoaSession },
        ...cpuTimeRatio('bare Koa', own, koa),
        ...cpuTimeRatio('koa-session', own, koaSession),
      ],
      goal: `>= ${leastShareOfBareKoa} of bare Koa, >= ${leastShareOfKoaSession} of koa-session`,
      isMet: toKoa >= leastShareOfBareKoa && toKoaSession >= leastShareOfKoaSession,
      ...own,
    },
    {
      what: 'the page, rendered from the session',
      unit: 'req/s',
      ratios: [{ to: 'bare Koa', value: page.value / koa.value }, ...cpuTimeRatio('bare Koa', page, koa)],
      ...page,
    },
  ]
}

export function signInRows(rounds: SignInRounds): ResultRow[] {
  const quiet = summarize(rounds.quiet)
  const least = goals.leastSignInsPerSecond
  const goal = `>= ${least}`
  const rows: ResultRow[] = [
    { what: 'whole sign-ins', unit: '/s', ratios: [], goal, isMet: quiet.value >= least, ...quiet },
    {
      what: 'whole sign-ins, default log level',
      unit: '/s',
      ratios: [{ to: 'LOG_LEVEL=warn', value: median(rounds.defaultLevel.map(perSecond)) / quiet.value }],
      ...summarize(rounds.defaultLevel),
    },
  ]
  const value = quiet.perCpuSecond
  if (value === undefined) return rows
  const what = 'whole sign-ins for each CPU second of the server'
  return [...rows, { what, value, unit: '/CPU s', ratios: [], goal, isMet: value >= least }]
}

export function startRows(times: StartTimes): ResultRow[] {
  const koa = median(times.bareKoa)
  const most = goals.mostTimesBareKoaStart
  const ownRow = (what: string, startTimes: number[]): ResultRow => {
    const value = median(startTimes)
    const ratio = value / koa
    return {
      what: `start to first 200, ${what}`,
      value,
      unit: 'ms',
      ratios: [{ to: 'bare Koa', value: ratio }],
      goal: `<= ${most} of bare Koa`,
      isMet: ratio <= most,
    }
  }
  return [
    { what: 'start to first 200, bare Koa', value: koa, unit: 'ms', ratios: [] },
    ownRow('Holdfast, empty folder', times.freshFolder),
    ownRow('Holdfast, existing folder', times.existingFolder),
  ]
}

/** A larger ring must not cost more: the kid selects the key. */
export function keyRingRows({ starts, checks }: KeyRingSizes): ResultRow[] {
  const { mostTimesOneKeyStart, leastShareOfOneKeyCheck } = goals
  const startOf = (size: number) => median(starts.get(size) ?? [])
  const rows: ResultRow[] = [...starts.keys()].map((size) => {
    const value = startOf(size)
    const ratio = value / startOf(1)
    const row = { what: `start to first 200, ring of ${size}`, value, unit: 'ms' }
    if (size === 1) return { ...row, ratios: [] }
    const goal = `<= ${mostTimesOneKeyStart} of one key`
    return {
      ...row,
      ratios: [{ to: 'one key', value: ratio }],
      goal,
      isMet: ratio <= mostTimesOneKeyStart,
    }
  })
  const one = summarize(checks.get(1) ?? [])
  for (const [size, rounds] of checks) {
    const own = summarize(rounds)
    const row = { what: `session check, ring of ${size}`, unit: 'req/s', ...own }
    if (size === 1) {
      rows.push({ ...row, ratios: [] })
      continue
    }
    const share = own.value / one.value
    rows.push({
      ...row,
      ratios: [{ to: 'one key', value: share }, ...cpuTimeRatio('one key', own, one)],
      goal: `>= ${leastShareOfOneKeyCheck} of one key`,
      isMet: share >= leastShareOfOneKeyCheck,
    })
  }
  return rows
}

/** What the numbers above have to be read with: the disk, and how much of the machine was taken. */
export function machineRows(fsyncMs: number, rounds: readonly LoadRound[]): ResultRow[] {
  const disk = { what: '4 KiB made durable by this disk', value: fsyncMs, unit: 'ms', ratios: [] }
  const others = rounds.map((round) => round.coresBusyWithOthers).filter((cores) => cores !== undefined)
  if (others.length === 0) return [disk]
  return [disk, { what: 'other programs, meanwhile', value: median(others), unit: 'cores', ratios: [] }]
}
