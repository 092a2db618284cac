import type { ResultRow } from './result-row.ts'

const headings = ['', 'median', 'per CPU s', 'ratio', 'server', 'generator', 'goal', '']

/** The results as one table of text, columns aligned. */
export function formatReport(rows: readonly ResultRow[]): string {
  const cells = [headings, ...rows.map(cellsOf)]
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  return lines.map((line) => line.trimEnd()).join('\n')
}

function cellsOf(row: ResultRow): string[] {
  return [
    row.what,
    `${row.value >= 100 ? Math.round(row.value) : row.value.toFixed(2)} ${row.unit}`,
    row.perCpuSecond === undefined ? '' : String(Math.round(row.perCpuSecond)),
    row.ratios.map((ratio) => `${ratio.value.toFixed(2)} of ${ratio.to}`).join(', '),
    percent(row.serverBusy),
    percent(row.generatorBusy),
    row.goal ?? '',
    row.isMet === undefined ? '' : row.isMet ? 'met' : 'NOT MET',
  ]
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${Math.round(share * 100)} %`
}
