import { mailConnections } from '@holdfast/settings'
import { goals } from './goals.ts'
import { median } from './median.ts'
import type { Drain } from './outbox-drain.ts'
import { percentile } from './percentile.ts'
import type { ResultRow } from './result-row.ts'

/** The drain of a queue against the plain pool, what it took of memory, and the way of a mail without faults. */
export function mailRows(drains: readonly Drain[], handOversMs: readonly number[]): ResultRow[] {
  return [...drainRows(drains), ...memoryRows(drains), ...handOverRows(handOversMs)]
}

function drainRows(drains: readonly Drain[]): ResultRow[] {
  const mails = `${(drains[0]?.mails ?? 0).toLocaleString('en')} mails`
  const row = (what: string, timeOf: (drain: Drain) => number): ResultRow => ({
    what: `${mails}, ${what}`,
    value: median(drains.map(timeOf)),
    unit: 'ms',
    ratios: [{ to: 'the plain pool', value: median(drains.map((drain) => timeOf(drain) / drain.plainInMs)) }],
  })
  return [
    {
      what: `${mails}, nodemailer's plain pool of ${mailConnections}`,
      value: median(drains.map(({ plainInMs }) => plainInMs)),
      unit: 'ms',
      ratios: [],
    },
    row('Holdfast, from the mail server up to the last', ({ drainedInMs }) => drainedInMs),
    row('Holdfast, from the first to the last', ({ handedOverInMs }) => handedOverInMs),
    {
      what: `${mails}, Holdfast, second copies`,
      value: Math.max(...drains.map(({ copies }) => copies)),
      unit: '',
      ratios: [],
      goal: '0',
      isMet: drains.every(({ copies }) => copies === 0),
    },
  ]
}

function memoryRows(drains: readonly Drain[]): ResultRow[] {
  const medianOf = (name: keyof Drain['memoryMb']) => {
    const seen = drains.map(({ memoryMb }) => memoryMb[name]).filter((megabytes) => megabytes !== undefined)
    return seen.length === 0 ? undefined : median(seen)
  }
  const queued = medianOf('queued')
  const names = {
    start: 'at the start',
    queued: 'all queued',
    peak: 'most while draining',
    end: 'drained',
  } as const
  return Object.entries(names).flatMap(([name, what]) => {
    const value = medianOf(name as keyof typeof names)
    if (value === undefined || queued === undefined) return []
    return [
      { what: `memory, ${what}`, value, unit: 'MB', ratios: [{ to: 'all queued', value: value / queued }] },
    ]
  })
}

function handOverRows(handOversMs: readonly number[]): ResultRow[] {
  const most = goals.mostHandOverMs
  const p99 = percentile(handOversMs, 0.99)
  return [
    { what: 'from 202 to the mail server, p50', value: percentile(handOversMs, 0.5), unit: 'ms', ratios: [] },
    {
      what: 'from 202 to the mail server, p99',
      value: p99,
      unit: 'ms',
      ratios: [],
      goal: `< ${most} ms`,
      isMet: p99 < most,
    },
  ]
}
