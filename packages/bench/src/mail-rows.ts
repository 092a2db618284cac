import { mailConnections } from '@holdfast/settings'
import type { AnswerTimes } from './answer-times.ts'
import { goals } from './goals.ts'
import { median } from './median.ts'
import type { Drain, Drains } from './outbox-drain.ts'
import { percentile } from './percentile.ts'
import type { ResultRow } from './result-row.ts'

/**
 * The drain of a queue against the plain pool, what it took of memory, the way of a mail without faults, and the answers
 * that must not wait for it.
 */
export function mailRows(drains: Drains, handOversMs: readonly number[], answers: AnswerTimes): ResultRow[] {
  return [
    ...drainRows(drains.rounds),
    ...memoryRows(drains),
    ...liveHeapRows(drains.rounds),
    ...handOverRows(handOversMs),
    ...answerRows(answers),
  ]
}

function drainRows(drains: readonly Drain[]): ResultRow[] {
  const mails = `${(drains[0]?.mails ?? 0).toLocaleString('en')} mails`
  const row = (what: string, timeOf: (drain: Drain) => number): ResultRow => ({
    what: `${mails}, ${what}`,
    value: median(drains.map(timeOf)),
    unit: 'ms',
    ratios: [{ to: 'the plain pool', value: median(drains.map((drain) => timeOf(drain) / drain.plainInMs)) }],
  })
  const most = goals.mostTimesPlainPool
  const withGoal = (drained: ResultRow): ResultRow => ({
    ...drained,
    goal: `<= ${most} of the plain pool`,
    isMet: drained.ratios.every(({ value }) => value <= most),
  })
  return [
    {
      what: `${mails}, nodemailer's plain pool of ${mailConnections}`,
      value: median(drains.map(({ plainInMs }) => plainInMs)),
      unit: 'ms',
      ratios: [],
    },
    withGoal(row('Holdfast, from the mail server up to the last', ({ drainedInMs }) => drainedInMs)),
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

/** The first queue fills what V8 and SQLite are allowed to fill; a later one takes no more. */
function memoryRows({ startMemoryMb, rounds }: Drains): ResultRow[] {
  const [first, ...later] = rounds
    .map(({ peakMemoryMb }) => peakMemoryMb)
    .filter((peak) => peak !== undefined)
  if (startMemoryMb === undefined || first === undefined) return []
  const last = median(later)
  return [
    memoryRow('memory, new server', startMemoryMb),
    memoryRow('memory, most while the first queue drains', first),
    {
      ...memoryRow('memory, most while a later one drains', last),
      ...flatness('the first', last / first, goals.mostTimesFirstDrain),
    },
  ]
}

function liveHeapRows(rounds: readonly Drain[]): ResultRow[] {
  const of = (name: keyof Drain['liveHeapMb']) => median(rounds.map(({ liveHeapMb }) => liveHeapMb[name]))
  const waiting = of('waiting')
  const row = (what: string, value: number) => ({
    ...memoryRow(`live heap, ${what}`, value),
    ...flatness('all waiting', value / waiting, goals.mostTimesWaitingHeap),
  })
  return [
    memoryRow('live heap, all waiting', waiting),
    row('half of them sent', of('halfway')),
    row('all sent', of('drained')),
  ]
}

function memoryRow(what: string, value: number): ResultRow {
  return { what, value, unit: 'MB', ratios: [] }
}

function flatness(to: string, ratio: number, most: number) {
  return { ratios: [{ to, value: ratio }], goal: `<= ${most}`, isMet: ratio <= most }
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

/** R21: what the mail server does is nothing that the answer waits for. */
function answerRows({ healthy, gone, silent }: AnswerTimes): ResultRow[] {
  const value = median(healthy)
  const most = goals.mostTimesHealthyAnswer
  const row = (what: string, times: readonly number[]): ResultRow => ({
    what: `answer to a send, mail server ${what}`,
    value: median(times),
    unit: 'ms',
    ...flatness('healthy', median(times) / value, most),
  })
  return [
    { what: 'answer to a send, mail server healthy', value, unit: 'ms', ratios: [] },
    row('gone', gone),
    row('silent', silent),
  ]
}
