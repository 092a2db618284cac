import { writeFile } from 'node:fs/promises'
import type { Violation } from './checks/evidence.ts'
import type { HistoryLine } from './history.ts'
import { type ColumnName, columnNames, type RowName, rowNames } from './matrix-names.ts'
import { canHaveOwnMounts, hasOwnMounts, runWithOwnMounts } from './own-mounts.ts'
import type { PlanOptions } from './plan.ts'
import { type DrillResult, runDrill } from './run-drill.ts'
import { survivalDocument } from './survival-document.ts'
import { countSurvivors, plainTables, sumOf } from './survival-matrix.ts'

export interface DrillRequest {
  seed: number
  /** About one minute in place of ten. */
  isShort: boolean
  people?: number
  rows?: readonly RowName[]
  columns?: readonly ColumnName[]
  /** Where the history goes, one line of JSON each. */
  historyFile?: string
  /** Where the document goes, such as docs/survival.md. */
  out?: string
  keepFolders: boolean
}

const mostViolationsShown = 50

/** The whole command: runs the drill, prints the matrix and the violations, and gives the exit code. */
export async function drill(request: DrillRequest): Promise<number> {
  const { columns = columnNames } = request
  if (columns.includes('disk-full') && !hasOwnMounts()) {
    if (canHaveOwnMounts()) return runWithOwnMounts()
    print('disk full: not on this machine, which lets nobody mount a small disk')
    if (columns.every((column) => column === 'disk-full')) {
      print('nothing is left to drill')
      return 1
    }
  }
  const running = runDrill({ ...sizeOf(request), onProgress: print, keepFolders: request.keepFolders })
  // From here on it cleans up when it is interrupted.
  print(`seed ${request.seed}`)
  const result = await running
  printResult(result)
  if (request.historyFile !== undefined) await writeFile(request.historyFile, jsonLines(result.lines))
  if (request.out !== undefined) await writeFile(request.out, documentOf(result, request))
  return result.violations.length === 0 ? 0 : 1
}

function sizeOf({
  seed,
  isShort,
  people,
  rows = rowNames,
  columns = columnNames,
}: DrillRequest): PlanOptions {
  const size = isShort
    ? { people: 364, sites: [1, 2, 3], passes: 'share' as const, hold: { least: 1_000, most: 2_000 } }
    : { people: 10_000, sites: [1, 2, 3, 1, 2, 3], passes: 1, hold: { least: 1_000, most: 6_000 } }
  return { seed, rows, columns, ...size, ...(people === undefined ? {} : { people }) }
}

function printResult({ lines, violations, operations, struck, seconds }: DrillResult): void {
  const matrix = countSurvivors(lines, violations)
  const { held, total } = sumOf(matrix)
  print(`\n${plainTables(matrix)}\n`)
  for (const violation of violations.slice(0, mostViolationsShown)) print(describeViolation(violation))
  if (violations.length > mostViolationsShown)
    print(`... and ${violations.length - mostViolationsShown} more`)
  print(
    `${total} people, ${held} held, ${violations.length} violations; ${operations} requests in ${Math.round(seconds)} s, ${struck.operations} of them in flight when a fault struck`,
  )
}

/** What was broken, to whom, and the operations that show it, with their times. */
function describeViolation({ invariant, who, what, operations }: Violation): string {
  const shown = operations.map(
    ({ id, action, kind, invokedAtMs, completedAtMs }) =>
      `\n    ${action} #${id}, ${Math.round(invokedAtMs)} to ${Math.round(completedAtMs)} ms: ${kind}`,
  )
  return `${invariant} ${who ?? ''}: ${what}${shown.join('')}`
}

function documentOf(result: DrillResult, { seed, isShort, people }: DrillRequest): string {
  const options = [isShort ? ' --short' : '', people === undefined ? '' : ` --people ${people}`].join('')
  const command = `npx -y pnpm@12 drill${options} --seed ${seed} --out docs/survival.md`
  return survivalDocument(result, { command, day: new Date().toISOString().slice(0, 10) })
}

function jsonLines(lines: readonly (HistoryLine & { site: string })[]): string {
  return lines
    .toSorted((one, other) => one.atMs - other.atMs)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
