import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import { type KeyActionName, keyActions, sourceOf } from './key-actions.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { canTrace, runTraced, type Thread, type TracedCall, type TracedRun } from './traced-worker.ts'

/*
 * Kills a process at each call that touches its key file, one process for each call. Whatever it had done by
 * then, the file holds the old ring or the new one, and the next process finds nothing in its way.
 */

const isTraceable = canTrace()
const atATime = 4

interface Attempt extends TracedRun {
  path: string
  /** The call that strace was to meet is the one it met. */
  isOnTarget: boolean
}

interface Injection {
  call: TracedCall
  does: string
}

/** Runs an action in a folder of its own, and watches one thread or does something to one of its calls. */
async function attempt(action: KeyActionName, folder: string, watched: Thread | Injection): Promise<Attempt> {
  const keyFolder = join(folder, 'keys')
  await mkdir(keyFolder, { recursive: true })
  const path = join(keyFolder, 'secret_key.txt')
  const { before } = keyActions[action]
  if (before !== undefined) await writeFile(path, formatKeyRing(before), { mode: 0o600 })
  const injection = typeof watched === 'string' ? undefined : watched
  const thread = typeof watched === 'string' ? watched : watched.call.thread
  const run = await runTraced({ action, path, tracePath: join(folder, 'trace'), thread, injection })
  const { call } = injection ?? {}
  const met = run.calls.findLast(({ name, ordinal }) => name === call?.name && ordinal === call.ordinal)
  return { ...run, path, isOnTarget: met !== undefined && targetOf(met) === targetOf(call) }
}

/**
 * Threads wake each other, and Node opens files of its own, once more or less often: the counts move a little, and
 * more on a busy machine.
 */
const shifts = [
  0, 0, -1, 1, -2, 2, 0, -1, 1, -3, 3, 0, -2, 2, -4, 4, 0, -1, 1, -5, 5, -6, 6, 0, -3, 3, -2, 2, -1, 1,
]

async function attemptOnTarget(
  action: KeyActionName,
  folder: string,
  { call, does }: Injection,
): Promise<Attempt> {
  for (const [round, shift] of shifts.entries()) {
    const ordinal = Math.max(1, call.ordinal + shift)
    const injection = { call: { ...call, ordinal }, does }
    const attempted = await attempt(action, join(folder, String(round)), injection)
    if (attempted.isOnTarget) return attempted
  }
  throw new Error(`never met ${call.line}`)
}

/** What in the key folder a call is about. */
function targetOf(call: TracedCall | undefined): string | undefined {
  const found = /\/keys(\/secret_key\.txt)?(\.lock|\.\w{12}\.tmp)?[">]/.exec(call?.line ?? '')
  if (found === null) return undefined
  const [, file, ending] = found
  if (file === undefined) return 'the folder'
  if (ending === undefined) return 'the key file'
  return ending === '.lock' ? 'the lock' : 'the temporary file'
}

/** Every call that touches the key folder, as an undisturbed run makes them. */
async function callsOf(action: KeyActionName, folder: string): Promise<TracedCall[]> {
  const calls: TracedCall[] = []
  for (const thread of ['main', 'pool'] as const) {
    const run = await attempt(action, join(folder, thread), thread)
    expect(run.outcome).toBe('done')
    expect(await stateOf(action, run.path)).toBe('new')
    calls.push(...run.calls.filter((call) => call.line.includes(join(folder, thread, 'keys'))))
  }
  return calls
}

async function stateOf(action: KeyActionName, path: string): Promise<string> {
  const { before, after } = keyActions[action]
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return before === undefined ? 'old' : 'lost'
  if (text === formatKeyRing(after)) return 'new'
  return before !== undefined && text === formatKeyRing(before) ? 'old' : `broken: ${text.length} bytes`
}

/** What the next process makes of it: it starts, and then changes the ring. */
async function namesAfterNextRun(path: string): Promise<string[]> {
  const source = sourceOf(path)
  const { record } = await source.load({ create: true, nowMs: 5_000 })
  const changed = await source.change((ring) => ({ ...ring, epoch: ring.epoch + 1 }))
  expect(changed).toEqual({ ...record, epoch: record.epoch + 1 })
  expect(parseKeyRing(await readFile(path, 'utf8'))).toEqual(changed)
  return readdir(join(path, '..'))
}

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const one = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: atATime }, one))
}

describe.skipIf(!isTraceable)('a process that is killed (skipped where strace cannot run)', () => {
  test.each(['create', 'rotate', 'revoke'] as const)(
    'at any call of %s leaves the old ring or the new one, and nothing that hinders the next process',
    async (action) => {
      const folder = await temporaryFolder()
      const calls = await callsOf(action, join(folder, 'whole'))
      const names = new Set(calls.map((call) => call.name))
      const naming = action === 'create' ? 'link' : 'rename'
      for (const name of ['openat', 'fcntl', 'write', 'fsync', naming, 'unlink'])
        expect(names).toContain(name)

      const states = new Map<string, string>()
      const left = new Set<string>()
      await inTurns([...calls.entries()], async ([index, call]) => {
        const injection = { call, does: 'signal=SIGKILL' }
        const { wasKilled, outcome, path } = await attemptOnTarget(
          action,
          join(folder, String(index)),
          injection,
        )
        expect({ wasKilled, outcome }).toEqual({ wasKilled: true, outcome: undefined })
        for (const name of await readdir(join(path, '..'))) left.add(name.replace(/\.\w{12}\./, '.'))
        states.set(`${index} ${call.line}`, await stateOf(action, path))
        expect(await namesAfterNextRun(path)).toEqual(['secret_key.txt'])
      })
      expect(states.size).toBe(calls.length)
      expect(new Set(states.values()), [...states].join('\n')).toEqual(new Set(['old', 'new']))
      // The kills hit where it hurts: halves of files and locks were left behind, and were removed.
      expect([...left].sort()).toEqual(['secret_key.txt', 'secret_key.txt.lock', 'secret_key.txt.tmp'])
    },
  )
})

describe.skipIf(!isTraceable)('a disk that fails (skipped where strace cannot run)', () => {
  const isFull = 'cannot be written: the disk is full; nothing was changed'
  const isBroken = 'cannot be used (EIO); name another path'

  async function failAt(folder: string, name: string, target: string, error: string): Promise<Attempt> {
    const calls = await callsOf('rotate', join(folder, 'whole'))
    const call = calls.find(
      (each) => each.thread === 'pool' && each.name === name && targetOf(each) === target,
    )
    if (call === undefined) throw new Error(`no ${name} of ${target}`)
    return attemptOnTarget('rotate', join(folder, 'failing'), { call, does: `error=${error}` })
  }

  test.each<{ error: string; name: string; target: string; fault: string }>([
    { error: 'ENOSPC', name: 'openat', target: 'the lock', fault: isFull },
    { error: 'ENOSPC', name: 'openat', target: 'the temporary file', fault: isFull },
    { error: 'ENOSPC', name: 'write', target: 'the temporary file', fault: isFull },
    { error: 'EDQUOT', name: 'write', target: 'the temporary file', fault: isFull },
    { error: 'ENOSPC', name: 'fsync', target: 'the temporary file', fault: isFull },
    { error: 'EIO', name: 'fsync', target: 'the temporary file', fault: isBroken },
    { error: 'ENOSPC', name: 'rename', target: 'the temporary file', fault: isFull },
  ])(
    'with $error at $name of $target during a rotation leaves the old ring, nothing beside it, and says so',
    async ({ error, name, target, fault }) => {
      const folder = await temporaryFolder()
      const { wasKilled, outcome, path } = await failAt(folder, name, target, error)
      expect({ wasKilled, outcome }).toEqual({ wasKilled: false, outcome: `KeyRingError: ${path} ${fault}` })
      expect(await stateOf('rotate', path)).toBe('old')
      expect(await readdir(join(path, '..'))).toEqual(['secret_key.txt'])
      expect(await namesAfterNextRun(path)).toEqual(['secret_key.txt'])
    },
  )

  test('and does not sync the folder reports it: the new ring is there, whole, and may not outlast a power cut', async () => {
    const folder = await temporaryFolder()
    const { outcome, path } = await failAt(folder, 'fsync', 'the folder', 'EIO')
    expect(outcome).toBe(`KeyRingError: ${path} ${isBroken}`)
    expect(await stateOf('rotate', path)).toBe('new')
    expect(await readdir(join(path, '..'))).toEqual(['secret_key.txt'])
  })
})
