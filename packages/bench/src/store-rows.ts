import type { CommitRates } from './commit-rate.ts'
import { goals } from './goals.ts'
import type { Grown } from './growth.ts'
import { summarize } from './load-summary.ts'
import { median } from './median.ts'
import { percentile } from './percentile.ts'
import type { PurgeLoad } from './purge-load.ts'
import type { ResultRow } from './result-row.ts'

export function commitRows(rates: CommitRates): ResultRow[] {
  const each = median(rates.fullEach)
  const row = (what: string, values: number[]): ResultRow => {
    const value = median(values)
    return { what, value, unit: 'rows/s', ratios: [{ to: 'FULL, a commit for each', value: value / each }] }
  }
  return [
    { what: 'rows written, FULL, a commit for each', value: each, unit: 'rows/s', ratios: [] },
    row('rows written, FULL, group commit (Holdfast)', rates.fullGrouped),
    row('rows written, NORMAL, a commit for each', rates.normalEach),
    row('rows written, NORMAL, group commit', rates.normalGrouped),
  ]
}

/** One operation must not cost more because the store holds more. CPU time: the rate alone measures the neighbours too. */
export function growthRows(grown: readonly Grown[]): ResultRow[] {
  const [smallest] = grown
  if (smallest === undefined) return []
  const most = goals.mostTimesSmallStore
  const about = (sessions: number) => `${sessions.toLocaleString('en')} sessions`
  return grown.flatMap((one) => {
    const isSmallest = one === smallest
    const costRow = (what: string, kind: 'checks' | 'signIns'): ResultRow => {
      const own = summarize(one[kind])
      const cost = (summary: typeof own) => 1 / (summary.perCpuSecond ?? summary.value)
      const ratio = cost(own) / cost(summarize(smallest[kind]))
      const row: ResultRow = { what: `${what}, ${about(one.sessions)}`, unit: '/s', ratios: [], ...own }
      if (isSmallest) return row
      const goal = `cost <= ${most} of the smallest`
      return {
        ...row,
        ratios: [{ to: `the cost at ${about(smallest.sessions)}`, value: ratio }],
        goal,
        isMet: ratio <= most,
      }
    }
    const rows = [costRow('session check', 'checks'), costRow('whole sign-in', 'signIns')]
    if (one.memoryMb !== undefined) {
      rows.push({
        what: `memory, ${about(one.sessions)}`,
        value: one.memoryMb,
        unit: 'MB',
        ratios: isSmallest
          ? []
          : [{ to: about(smallest.sessions), value: one.memoryMb / (smallest.memoryMb ?? 1) }],
      })
    }
    rows.push({ what: `start, ${about(one.sessions)}`, value: one.startedInMs, unit: 'ms', ratios: [] })
    return rows
  })
}

export function purgeRows({ expiredRows, purgedPerSecond, purging, quiet }: PurgeLoad): ResultRow[] {
  const most = goals.mostTimesQuietP99
  const quietMs = percentile(quiet, 0.99)
  const busyMs = percentile(purging, 0.99)
  const count = expiredRows.toLocaleString('en')
  return [
    {
      what: `rows purged, of ${count}, while people sign in`,
      value: purgedPerSecond,
      unit: '/s',
      ratios: [],
    },
    { what: 'whole sign-in, p99, nothing to purge', value: quietMs, unit: 'ms', ratios: [] },
    {
      what: 'whole sign-in, p99, during the purge',
      value: busyMs,
      unit: 'ms',
      ratios: [{ to: 'nothing to purge', value: busyMs / quietMs }],
      goal: `<= ${most} of nothing to purge`,
      isMet: busyMs / quietMs <= most,
    },
  ]
}
