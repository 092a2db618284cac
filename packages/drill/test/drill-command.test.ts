import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const holdfast = fileURLToPath(new URL('../../../apps/cli/bin/holdfast.mjs', import.meta.url))

function drill(options: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const words = ['--disable-warning=ExperimentalWarning', holdfast, 'drill', ...options]
  return spawnSync(process.execPath, words, { env, encoding: 'utf8' })
}

test.each(['--rows', '--columns'])('%s with a name that is none is told in one line', (option) => {
  const { status, stdout, stderr } = drill([option, 'bogus'])

  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^error: expected one of \S.+, found bogus\n$/)
})

test('a full disk alone, where nobody may mount one, is no drill that held', () => {
  // Without a path no program is found that mounts.
  const { status, stdout } = drill(['--short', '--columns', 'disk-full'], { ...process.env, PATH: '' })

  expect(status).toBe(1)
  expect(stdout).toMatch(/not on this machine.+\nnothing is left to drill\n$/)
})
