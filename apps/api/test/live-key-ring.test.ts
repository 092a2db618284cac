import { retireKey, revokeKey, rotateKeys } from '@holdfast/core'
import { readStore } from '@holdfast/store/testing'
import { beforeEach, describe, expect, test, vi } from 'vitest'
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

const rotate = (signsInMs = 0) => {
  const { nowMs } = keys.clock
  return keys.changeRing((record) => rotateKeys(record, { nowMs, signsFromMs: nowMs + signsInMs }))
}

describe('a changed ring', () => {
  test('is taken over at the next look: the new key signs, the older one verifies', async () => {
    const older = live.current().signingKid
    const newer = newestKidOf(await rotate())
    expect(live.current().signingKid).toBe(older)

    await live.reload('poll')

    expect(live.current().signingKid).toBe(newer)
    expect(live.current().kids).toEqual([older, newer])
    expect(live.record.epoch).toBe(2)
    expect([live.reloads, live.reloadFailures]).toEqual([1, 0])
  })

  test('is noted in the log and the ledger, and the store remembers it', async () => {
    const newer = newestKidOf(await rotate())
    await live.reload('SIGHUP')

    expect(keys.log.events('info')).toMatchObject([
      { message: 'key ring reloaded', cause: 'SIGHUP', epoch: 2, signs: newer },
    ])
    expect(keys.ledger('key_ring_reloaded')).toMatchObject([{ atMs: keys.clock.nowMs, kid: newer }])
    const [known] = readStore(keys.storePath, "SELECT value FROM meta WHERE key = 'keyRing'")
    expect(JSON.parse(String(known?.value))).toMatchObject({ epoch: 2, ringId: live.record.ringId })
  })

  test('is taken over once, however often it is looked at', async () => {
    await rotate()
    for (let look = 1; look <= 3; look++) await live.reload('poll')

    expect(live.reloads).toBe(1)
    expect(keys.ledger('key_ring_reloaded')).toHaveLength(1)
  })

  test('counts tokens by the new states from then on', async () => {
    const older = live.current().signingKid
    live.tokenChecks.count(older)
    await rotate()
    await live.reload('poll')
    live.tokenChecks.count(older)
    live.tokenChecks.count(older)

    expect(live.tokenChecks.counts.filter(({ kid }) => kid === older)).toEqual([
      { kid: older, state: 'active', count: 1 },
      { kid: older, state: 'retired', count: 2 },
    ])
  })
})

describe('an unchanged ring', () => {
  test('leaves no trace when it is polled, and a line in the log after SIGHUP', async () => {
    const before = live.current()
    await live.reload('poll')
    expect(keys.log.lines()).toEqual([])
    await live.reload('SIGHUP')

    expect(live.current()).toBe(before)
    expect(keys.log.events('info')).toMatchObject([{ message: 'key ring is unchanged' }])
    expect(keys.ledger('key_ring_reloaded')).toEqual([])
    expect(live.reloads).toBe(0)
  })

  test('in another spelling is unchanged', async () => {
    const text = await keys.readKeyFile()
    await keys.writeKeyFile(JSON.stringify(JSON.parse(text)))
    await live.reload('poll')

    expect([live.reloads, live.reloadFailures]).toEqual([0, 0])
  })
})

describe('without any change of the file', () => {
  test('a staged key verifies at once and signs from its millisecond on', async () => {
    const older = live.current().signingKid
    const newer = newestKidOf(await rotate(60_000))
    await live.reload('poll')
    const text = await keys.readKeyFile()
    expect(live.current().signingKid).toBe(older)
    expect(live.current().has(newer)).toBe(true)

    keys.clock.nowMs += 59_999
    await live.reload('poll')
    expect(live.current().signingKid).toBe(older)
    keys.clock.nowMs += 1
    await live.reload('poll')
    await live.reload('poll')

    expect(live.current().signingKid).toBe(newer)
    expect(live.current().has(older)).toBe(true)
    expect(keys.ledger('key_signs')).toMatchObject([{ atMs: keys.clock.nowMs, kid: newer }])
    expect(live.reloads).toBe(1)
    expect(await keys.readKeyFile()).toBe(text)
  })

  test('a retired key verifies until its end and no longer, and no key is said to sign anew', async () => {
    const older = live.current().signingKid
    await rotate()
    const verifiesUntilMs = keys.clock.nowMs + 60_000
    await keys.changeRing((record) => retireKey(record, older, { nowMs: keys.clock.nowMs, verifiesUntilMs }))
    await live.reload('poll')

    keys.clock.nowMs = verifiesUntilMs - 1
    await live.reload('poll')
    expect(live.current().has(older)).toBe(true)
    keys.clock.nowMs = verifiesUntilMs
    await live.reload('poll')

    expect(live.current().has(older)).toBe(false)
    expect(keys.ledger('key_signs')).toEqual([])
    expect(live.reloadFailures).toBe(0)
  })
})

describe('looks at the source', () => {
  test('that are asked for at the same time are one', async () => {
    await rotate()
    await Promise.all([live.reload('poll'), live.reload('poll'), live.reload('poll')])

    expect(keys.takeLooks()).toBe(1)
    expect(live.reloads).toBe(1)
  })

  test('that SIGHUP asks for while one is under way come after it, which may have read too early', async () => {
    const underWay = live.reload('poll')
    await rotate()
    await Promise.all([underWay, live.reload('SIGHUP')])

    expect(live.current().kids).toHaveLength(2)
  })

  test('come every reloadMs once started, and no more once stopped', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      live.start()
      await vi.advanceTimersByTimeAsync(29_999)
      expect(keys.takeLooks()).toBe(0)
      await vi.advanceTimersByTimeAsync(1)
      expect(keys.takeLooks()).toBe(1)
      await live.stop()
      await vi.advanceTimersByTimeAsync(300_000)
      expect(keys.takeLooks()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('never reject, whatever the source throws', async () => {
    let isBroken = false
    const failing = await keys.start({
      source: {
        ...keys.source,
        load: (options) =>
          isBroken ? Promise.reject(new RangeError('no fault of a ring')) : keys.source.load(options),
      },
    })
    isBroken = true

    await expect(failing.reload('poll')).resolves.toBeUndefined()
    expect(failing.reloadFailures).toBe(1)
  })
})

test('a revoked signer is replaced at the next look, and its own tokens are known as revoked', async () => {
  const leaked = live.current().signingKid
  const ring = await keys.changeRing((record) => revokeKey(record, leaked, { nowMs: keys.clock.nowMs }))
  await live.reload('poll')

  expect(live.current().signingKid).toBe(newestKidOf(ring))
  expect(live.current().has(leaked)).toBe(false)
  expect(live.current().whyMissing(leaked)).toBe('key_revoked')
})
