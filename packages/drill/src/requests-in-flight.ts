import { type HistoryLine, operationsOf } from './history.ts'
import type { RowName } from './matrix-names.ts'

/** How many requests were in flight, asked and not answered, when faults struck; by what was under way. */
export function countRequestsInFlight(lines: readonly HistoryLine[]): {
  all: number
  of: Record<string, number>
} {
  const rowOf = new Map<string, RowName>()
  for (const line of lines) if (line.kind === 'journey-begins') rowOf.set(line.who, line.row)
  const strikes = lines.flatMap((line) => (line.kind === 'fault-begins' ? [line.atMs] : []))
  const of: Record<string, number> = {}
  let all = 0
  for (const operation of operationsOf(lines)) {
    const wasStruck = strikes.some((atMs) => operation.invokedAtMs < atMs && operation.completedAtMs > atMs)
    const row = rowOf.get(operation.who)
    if (!wasStruck || row === undefined) continue
    all += 1
    of[row] = (of[row] ?? 0) + 1
  }
  return { all, of }
}
