import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { columnNames, columnTitles, rowTitles } from '../src/matrix-names.ts'
import { canHaveOwnMounts } from '../src/own-mounts.ts'

const holdfast = fileURLToPath(new URL('../../../apps/cli/bin/holdfast.mjs', import.meta.url))
const minutes = 60_000

interface Ran {
  exitCode: number
  output: string
}

function runDrillCommand(...options: string[]): Promise<Ran> {
  const words = ['--disable-warning=ExperimentalWarning', holdfast, 'drill', ...options]
  return new Promise((resolve) => {
    execFile(process.execPath, words, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr })
    })
  })
}

test(
  'the short drill loses nobody, and says what was under way and what happened',
  async () => {
    const { exitCode, output } = await runDrillCommand('--short')

    expect(exitCode, output).toBe(0)
    expect(output).toMatch(/^seed \d+$/m)
    for (const title of Object.values(rowTitles)) expect(output).toContain(title)
    const struck = columnNames.filter((column) => column !== 'disk-full' || canHaveOwnMounts())
    for (const column of struck)
      expect(output).toMatch(new RegExp(`round \\d+ of \\d+: ${literal(columnTitles[column])}`))
    expect(output).toMatch(/\d+ people, (\d+) held, 0 violations/)
  },
  // It takes one where nothing else runs.
  20 * minutes,
)

function literal(text: string): string {
  return text.replaceAll('+', '\\+')
}
