import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keyFileSource } from '../src/key-file.ts'
import { formatKeyRing } from '../src/key-ring-text.ts'
import type { RaceAnswer, RaceOrder } from './key-racer.ts'
import { keyOf, recordOf } from './rings.ts'
import { temporaryFolder } from './temporary-folder.ts'

let folder: string
let processes: ChildProcess[]

beforeEach(async () => {
  folder = await temporaryFolder()
  processes = Array.from({ length: 12 }, () =>
    fork(new URL('./key-racer.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    }),
  )
  await Promise.all(processes.map((each) => once(each, 'message')))
})

afterEach(async () => {
  const running = processes.filter((each) => each.exitCode === null && each.signalCode === null)
  const exits = running.map((each) => once(each, 'exit'))
  for (const each of running) each.kill()
  await Promise.all(exits)
})

interface Finish {
  /** The kids of the keys whose change was done. */
  added: string[]
  /** `undefined` when the process was killed first. */
  end: { kids: string[]; created: boolean } | undefined
}

function finishOf(each: ChildProcess, onAdded?: (each: ChildProcess) => void): Promise<Finish> {
  const { promise, resolve } = Promise.withResolvers<Finish>()
  const added: string[] = []
  each.on('message', (answer: RaceAnswer) => {
    if ('added' in answer) {
      added.push(answer.added)
      onAdded?.(each)
    } else resolve({ added, end: answer })
  })
  const onExit = () => resolve({ added, end: undefined })
  each.once('exit', onExit)
  return promise.finally(() => each.off('exit', onExit))
}

/** Sends all of them off together. */
function race(
  orderOf: (index: number) => RaceOrder,
  onAdded?: (each: ChildProcess) => void,
): Promise<Finish[]> {
  const finishes = processes.map((each) => {
    each.removeAllListeners('message')
    return finishOf(each, onAdded)
  })
  for (const [index, each] of processes.entries()) each.send(orderOf(index))
  return Promise.all(finishes)
}

async function ringAt(path: string) {
  return (await keyFileSource({ path }).load({ create: false, nowMs: 1_000 })).record
}

describe('twelve processes at once that load a key file', () => {
  test('where there is none make one key that all of them use, and leave nothing beside it', async () => {
    for (let round = 0; round < 10; round++) {
      const path = join(folder, String(round), 'secret_key.txt')
      const finishes = await race(() => ({ path }))
      const kids = (await ringAt(path)).keys.map((key) => key.kid)
      expect(finishes.map(({ end }) => end?.kids)).toEqual(new Array(12).fill(kids))
      expect(finishes.filter(({ end }) => end?.created)).toHaveLength(1)
      expect(await readdir(dirname(path))).toEqual(['secret_key.txt'])
      expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600')
    }
  })

  test('never leave half a key or a second one when some are killed on the way', async () => {
    const path = join(folder, 'secret_key.txt')
    const racing = race(() => ({ path }))
    for (const [index, each] of processes.entries()) if (index % 3 === 0) each.kill('SIGKILL')
    const ends = (await racing).flatMap(({ end }) => end ?? [])
    expect(ends.length).toBeGreaterThanOrEqual(8)
    const kids = (await ringAt(path)).keys.map((key) => key.kid)
    expect(ends.map((end) => end.kids)).toEqual(ends.map(() => kids))
  })
})

describe('twelve processes at once that change a key file five times each', () => {
  const before = recordOf(keyOf('first'))
  const namesOf = (index: number) => [1, 2, 3, 4, 5].map((change) => `key ${change} of process ${index}`)
  let path: string

  beforeEach(async () => {
    path = join(folder, 'secret_key.txt')
    await writeFile(path, formatKeyRing(before), { mode: 0o600 })
  })

  test('lose no change: every key is there, the epoch has risen by their number, and nothing is left beside the file', async () => {
    const finishes = await race((index) => ({ path, add: namesOf(index) }))
    const kids = processes.flatMap((_, index) => namesOf(index).map((name) => keyOf(name).kid))
    expect(finishes.flatMap(({ added }) => added).sort()).toEqual([...kids].sort())
    const ring = await ringAt(path)
    expect(ring.epoch).toBe(before.epoch + 60)
    expect(ring.keys.map((key) => key.kid).sort()).toEqual([keyOf('first').kid, ...kids].sort())
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600')
  })

  test('lose no change that was done when some are killed on the way, and the others finish', async () => {
    const finishes = await race(
      (index) => ({ path, add: namesOf(index) }),
      // Each third one is killed after its first change, somewhere in its second.
      (each) => processes.indexOf(each) % 3 === 0 && each.kill('SIGKILL'),
    )
    const spared = finishes.filter((_, index) => index % 3 !== 0)
    expect(spared.map(({ added, end }) => [added.length, end?.created])).toEqual(
      new Array(8).fill([5, false]),
    )
    const ring = await ringAt(path)
    const kids = ring.keys.map((key) => key.kid)
    expect(finishes.flatMap(({ added }) => added).filter((kid) => !kids.includes(kid))).toEqual([])
    expect(ring.epoch).toBe(before.epoch + kids.length - 1)
    await keyFileSource({ path }).change((record) => ({ ...record, epoch: record.epoch + 1 }))
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })
})
