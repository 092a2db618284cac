import { revokeKey, rotateKeys } from '@holdfast/core'
import { beforeEach, expect, test, vi } from 'vitest'
import type { LiveKeyRing } from '../src/keys/live-key-ring.ts'
import { type KeySetup, newestKidOf, setUpKeys } from './key-setup.ts'

let keys: KeySetup
let live: LiveKeyRing

beforeEach(async () => {
  keys = await setUpKeys()
  live = await keys.start()
  keys.clock.nowMs += 1_000
  return () => keys[Symbol.asyncDispose]()
})

const rotate = () => {
  const { nowMs } = keys.clock
  return keys.changeRing((record) => rotateKeys(record, { nowMs, signsFromMs: nowMs }))
}

test('a key that another process signs with already is found by one look at the source', async () => {
  const newer = newestKidOf(await rotate())
  expect(live.current().has(newer)).toBe(false)

  const ring = await live.knowing(newer)

  expect(ring.has(newer)).toBe(true)
  expect(live.current()).toBe(ring)
  expect(keys.takeLooks()).toBe(1)
  expect(keys.log.events('info')).toMatchObject([{ message: 'key ring reloaded', cause: 'unknown_kid' }])
})

test('a key that is known, or known to be revoked, costs no look', async () => {
  const leaked = live.current().signingKid
  await live.knowing(leaked)
  expect(keys.takeLooks()).toBe(0)

  await keys.changeRing((record) => revokeKey(record, leaked, { nowMs: keys.clock.nowMs }))
  await live.reload('poll')
  keys.takeLooks()
  await live.knowing(leaked)

  expect(keys.takeLooks()).toBe(0)
})

test('a thousand invented kids at once cost one look, and all get the ring that there is', async () => {
  const rings = await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => live.knowing(`aaaa${String(index).padStart(4, '2')}`)),
  )

  expect(new Set(rings)).toEqual(new Set([live.current()]))
  expect(keys.takeLooks()).toBe(1)
  expect(live.reloadFailures).toBe(0)
})

test('invented kids cost one look in five seconds, whatever the wall clock does', async () => {
  let monotonicMs = 1_000_000
  const now = vi.spyOn(performance, 'now').mockImplementation(() => monotonicMs)
  try {
    await live.knowing('aaaaaaaa')
    expect(keys.takeLooks()).toBe(1)
    for (const [passedMs, looks] of [
      [0, 0],
      [4_999, 0],
      [1, 1],
      [4_999, 0],
      [1, 1],
    ] as const) {
      monotonicMs += passedMs
      keys.clock.nowMs += 3_600_000
      await live.knowing('aaaaaaaa')
      expect(keys.takeLooks()).toBe(looks)
    }
  } finally {
    now.mockRestore()
  }
})

test('a look that finds a broken ring leaves the one in use, and is counted', async () => {
  await keys.writeKeyFile('')

  expect(await live.knowing('aaaaaaaa')).toBe(live.current())
  expect(live.reloadFailures).toBe(1)
})

test('a source that does not answer holds up a request for two seconds and no longer', async () => {
  let goOn = () => {}
  const held = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let isHanging = false
  const slow = await keys.start({
    source: {
      ...keys.source,
      async load(options) {
        if (isHanging) await held
        return keys.source.load(options)
      },
    },
  })
  isHanging = true
  const newer = newestKidOf(await rotate())
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    let hasAnswered = false
    const asked = slow.knowing(newer).then((ring) => {
      hasAnswered = true
      return ring
    })
    await vi.advanceTimersByTimeAsync(1_999)
    expect(hasAnswered).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect((await asked).has(newer)).toBe(false)
  } finally {
    vi.useRealTimers()
  }

  // The look goes on by itself, and a request that comes now waits for it.
  const later = slow.knowing(newer)
  goOn()
  expect((await later).has(newer)).toBe(true)
  expect(keys.takeLooks()).toBe(1)
})
