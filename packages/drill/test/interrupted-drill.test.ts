import { spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const holdfast = fileURLToPath(new URL('../../../apps/cli/bin/holdfast.mjs', import.meta.url))

test.each([
  ['SIGINT', 'as it begins', /^seed/],
  ['SIGTERM', 'in the middle', /round 1 of/],
] as const)(
  'a drill that gets %s %s ends its servers, removes its folders and exits 130',
  async (signal, _, line) => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-interrupted-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const options = [
      'drill',
      '--short',
      '--people',
      '40',
      '--columns',
      'sigkill,sigstop,disk-full,key-rotation',
    ]
    const drill = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', holdfast, ...options], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = once(drill, 'close')
    for await (const [text] of on(createInterface({ input: drill.stdout }), 'line', { close: ['close'] })) {
      if (line.test(String(text))) break
    }
    drill.kill(signal)

    // Its output is closed only once no server that it has started holds it open.
    expect(await ended).toEqual([130, null])
    expect(await readdir(folder)).toEqual([])
  },
)
