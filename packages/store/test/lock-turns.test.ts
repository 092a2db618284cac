import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { readStore } from './store-dump.ts'
import { openTemporaryStore } from './temporary-store.ts'
import type { WritingReport } from './writing-process.ts'

const program = fileURLToPath(new URL('writing-process.ts', import.meta.url))
const turnsOfEach = 150

/** A process that writes as fast as it can, from `start` to `stop`. */
async function startWriter(path: string, name: string) {
  const child = fork(program, [path, name], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const enough = Promise.withResolvers<void>()
  const report = Promise.withResolvers<WritingReport>()
  let written = 0
  child.on('message', (message) => {
    if (typeof message === 'object') report.resolve(message as WritingReport)
    else if (message === 'written' && ++written === turnsOfEach) enough.resolve()
  })
  await once(child, 'message')
  return {
    start: () => child.send('start'),
    hasWrittenEnough: enough.promise,
    stop(): Promise<WritingReport> {
      child.send('stop')
      return report.promise
    },
  }
}

test('of three processes that all write as fast as they can each gets its turn, and nothing is lost', async () => {
  await using temporary = await openTemporaryStore()
  const { path } = temporary
  const writers = await Promise.all(['a', 'b', 'c'].map((name) => startWriter(path, name)))
  for (const writer of writers) writer.start()
  await Promise.all(writers.map((writer) => writer.hasWrittenEnough))
  const reports = await Promise.all(writers.map((writer) => writer.stop()))

  for (const { failed, mostTurnsWaited } of reports) {
    expect(failed).toBe(0)
    expect(mostTurnsWaited).toBeLessThan(500)
  }
  const acknowledged = reports.flatMap(({ keys }) => keys).sort()
  const stored = readStore(path, "SELECT key FROM meta WHERE key LIKE '_-%-%' ORDER BY key")
  expect(stored.map(({ key }) => key)).toEqual(acknowledged)
})
