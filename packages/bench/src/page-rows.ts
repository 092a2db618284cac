import { goals } from './goals.ts'
import { median } from './median.ts'
import type { PageScores } from './page-score.ts'
import type { ResultRow } from './result-row.ts'

export function pageRows({ phone, desktop, firstPaintMs }: PageScores): ResultRow[] {
  const { leastPageScore, mostFirstPaintMs } = goals
  const scoreRow = (what: string, scores: number[]): ResultRow => {
    const value = median(scores)
    const row = { what: `Lighthouse performance, ${what}`, value, unit: 'of 100', ratios: [] }
    return { ...row, goal: `>= ${leastPageScore}`, isMet: value >= leastPageScore }
  }
  const value = median(firstPaintMs)
  return [
    scoreRow('phone', phone),
    scoreRow('desktop', desktop),
    {
      what: 'first paint of the page',
      value,
      unit: 'ms',
      ratios: [],
      goal: `<= ${mostFirstPaintMs}`,
      isMet: value <= mostFirstPaintMs,
    },
  ]
}
