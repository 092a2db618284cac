import { goals } from './goals.ts'
import { median } from './median.ts'
import type { PageScores } from './page-score.ts'
import type { ResultRow } from './result-row.ts'

export function pageRows({ phone, desktop, firstPaintMs, leastPaintMs }: PageScores): ResultRow[] {
  return [
    scoreRow('phone', phone),
    scoreRow('desktop', desktop),
    ...firstPaintRows(median(firstPaintMs), median(leastPaintMs)),
  ]
}

function scoreRow(what: string, scores: number[]): ResultRow {
  const least = goals.leastPageScore
  const value = median(scores)
  const row = { what: `Lighthouse performance, ${what}`, value, unit: 'of 100', ratios: [] }
  return { ...row, goal: `>= ${least}`, isMet: value >= least }
}

function firstPaintRows(value: number, leastMs: number): ResultRow[] {
  const most = goals.mostFirstPaintMs
  const ratio = { to: 'bare Koa', value: value / leastMs }
  return [
    { what: "first paint of bare Koa's JSON", value: leastMs, unit: 'ms', ratios: [] },
    {
      what: 'first paint of the page',
      value,
      unit: 'ms',
      ratios: [ratio],
      goal: `< ${most} ms`,
      isMet: value < most,
    },
  ]
}
