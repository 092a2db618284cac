import type { Violation } from './checks/evidence.ts'
import type { HistoryLine } from './history.ts'
import {
  type ColumnName,
  columnNames,
  columnTitles,
  type RowName,
  rowNames,
  rowTitles,
} from './matrix-names.ts'

export interface Cell {
  held: number
  total: number
}

export type SurvivalMatrix = Record<RowName, Record<ColumnName, Cell>>

/** Counts who began which journey, and of whom everything held. */
export function countSurvivors(
  lines: readonly HistoryLine[],
  violations: readonly Pick<Violation, 'who'>[],
): SurvivalMatrix {
  const matrix = Object.fromEntries(
    rowNames.map((row) => [
      row,
      Object.fromEntries(columnNames.map((name) => [name, { held: 0, total: 0 }])),
    ]),
  ) as SurvivalMatrix
  const failed = new Set(violations.map(({ who }) => who))
  for (const line of lines) {
    if (line.kind !== 'journey-begins') continue
    const cell = matrix[line.row][line.column]
    cell.total += 1
    if (!failed.has(line.who)) cell.held += 1
  }
  return matrix
}

export function sumOf(matrix: SurvivalMatrix): Cell {
  const cells = rowNames.flatMap((row) => columnNames.map((column) => matrix[row][column]))
  return cells.reduce((sum, { held, total }) => ({ held: sum.held + held, total: sum.total + total }), {
    held: 0,
    total: 0,
  })
}

/**
 * The matrix as lines of text: people see columns that line up, and Markdown a table. What happened stands in the
 * rows there, as it has more names than fit side by side.
 */
export function tableOf(matrix: SurvivalMatrix): string[][] {
  const header = ['', ...rowNames.map((row) => rowTitles[row])]
  const body = columnNames.map((column) => [
    columnTitles[column],
    ...rowNames.map((row) => textOf(matrix[row][column])),
  ])
  return [header, ...body]
}

function textOf({ held, total }: Cell): string {
  return total === 0 ? '-' : `${held} / ${total}`
}

export function plainTable(rows: readonly (readonly string[])[]): string {
  const widths = widthsOf(rows)
  return rows
    .map((row) =>
      row.map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0))),
    )
    .map((row) => row.join('  ').trimEnd())
    .join('\n')
}

export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [header = [], ...body] = rows
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  return [line(header), line(header.map((_, at) => (at === 0 ? '---' : '--:'))), ...body.map(line)].join('\n')
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const [header = []] = rows
  return header.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
}
