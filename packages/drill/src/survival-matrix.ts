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
  return rowNames.map((row) => sumOfRow(matrix, row)).reduce(add)
}

function sumOfRow(matrix: SurvivalMatrix, row: RowName): Cell {
  return columnNames.map((column) => matrix[row][column]).reduce(add)
}

function add(one: Cell, other: Cell): Cell {
  return { held: one.held + other.held, total: one.total + other.total }
}

/** The matrix as rows of text, its header first, and over all columns in the last one. */
export function tableOf(matrix: SurvivalMatrix): string[][] {
  const [header = [], ...body] = partOf(matrix, columnNames)
  const sums = rowNames.map((row) => textOf(sumOfRow(matrix, row)))
  return [[...header, 'in all'], ...body.map((cells, at) => [...cells, sums[at] ?? ''])]
}

function partOf(matrix: SurvivalMatrix, columns: readonly ColumnName[]): string[][] {
  const header = ['', ...columns.map((column) => columnTitles[column])]
  const body = rowNames.map((row) => [
    rowTitles[row],
    ...columns.map((column) => textOf(matrix[row][column])),
  ])
  return [header, ...body]
}

function textOf({ held, total }: Cell): string {
  return total === 0 ? '-' : `${held}/${total}`
}

const columnsSideBySide = 7

/** For a terminal: only so many columns side by side, their titles word under word. */
export function plainTables(matrix: SurvivalMatrix): string {
  const parts: string[] = []
  for (let at = 0; at < columnNames.length; at += columnsSideBySide) {
    parts.push(plainTable(partOf(matrix, columnNames.slice(at, at + columnsSideBySide))))
  }
  return parts.join('\n\n')
}

function plainTable([header = [], ...body]: readonly (readonly string[])[]): string {
  const titles = header.map((title) => title.split(' '))
  const height = Math.max(...titles.map((words) => words.length))
  const stacked = Array.from({ length: height }, (_, line) =>
    titles.map((words) => words[line - height + words.length] ?? ''),
  )
  const rows = [...stacked, ...body]
  const widths = header.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
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
