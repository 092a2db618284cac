import { retireKey, revokeKey, rotateKeys, settleStates } from '@holdfast/core'
import { addSignIn } from '@holdfast/store/testing'
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

const rotate = (signsInMs: number) => {
  const { nowMs } = keys.clock
  return keys.changeRing((record) => rotateKeys(record, { nowMs, signsFromMs: nowMs + signsInMs }))
}

test('a staged key signs once its time has come, although its source cannot be read by then', async () => {
  const newer = newestKidOf(await rotate(60_000))
  await live.reload('poll')
  await keys.removeKeyFile()
  keys.clock.nowMs += 60_000
  await live.reload('poll')

  expect(live.reloadFailures).toBe(1)
  expect(live.current().signingKid).toBe(newer)
})

test('a staged key that was revoked before its time never signs, although no look came in between', async () => {
  const older = live.current().signingKid
  const newer = newestKidOf(await rotate(60_000))
  await live.reload('poll')
  keys.clock.nowMs += 59_999
  await keys.changeRing((record) => revokeKey(record, newer, { nowMs: keys.clock.nowMs }))
  keys.clock.nowMs += 1
  const looking = live.reload('poll')
  expect(live.current().signingKid).toBe(older)
  await looking

  expect(live.current().signingKid).toBe(older)
  expect(live.current().whyMissing(newer)).toBe('key_revoked')
  expect(keys.ledger('key_signs')).toEqual([])
})

test('a staged key that is further off than a look signs at its time, and not at the look after it', async () => {
  const older = live.current().signingKid
  const newer = newestKidOf(await rotate(45_000))
  await live.reload('poll')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
  const pass = (ms: number) => {
    keys.clock.nowMs += ms
    return vi.advanceTimersByTimeAsync(ms)
  }
  try {
    live.start()
    await pass(30_000)
    await live.reload('poll')
    keys.takeLooks()
    await pass(14_999)
    expect([keys.takeLooks(), live.current().signingKid]).toEqual([0, older])
    await pass(1)
    expect(keys.takeLooks()).toBe(1)
    await live.stop()
    expect(live.current().signingKid).toBe(newer)
  } finally {
    vi.useRealTimers()
  }
})

test('the end of a needed key does not keep a changed ring out that comes at the same look, and is told', async () => {
  const older = live.current().signingKid
  await rotate(0)
  const verifiesUntilMs = keys.clock.nowMs + 60_000
  await keys.changeRing((record) => retireKey(record, older, { nowMs: keys.clock.nowMs, verifiesUntilMs }))
  await live.reload('poll')
  await addSignIn(keys.store, { nowMs: keys.clock.nowMs, kid: older })
  keys.clock.nowMs = verifiesUntilMs
  const newer = newestKidOf(await rotate(0))
  await live.reload('poll')

  expect(live.reloadFailures).toBe(0)
  expect(live.current().has(newer)).toBe(true)
  expect(keys.log.events('warn')).toMatchObject([
    { message: `key ${older} verifies no more, and was still needed` },
  ])
})

test('a good token under the staged key is the proof that its time has come, whatever the clock says', async () => {
  const older = live.current().signingKid
  const newer = newestKidOf(await rotate(60_000))
  await live.reload('poll')

  live.tokenChecked(newer, false)
  expect(live.current().signingKid).toBe(older)
  live.tokenChecked(newer, true)
  expect(live.current().signingKid).toBe(newer)

  // The clock still says that it is too early, and the next looks do not go back.
  await live.reload('poll')
  expect(live.current().signingKid).toBe(newer)
  live.tokenChecked(older, true)
  expect(live.current().signingKid).toBe(newer)
})

test('a process whose clock is behind follows a ring in which the older key has gone already', async () => {
  const older = live.current().signingKid
  const newer = newestKidOf(await rotate(60_000))
  await live.reload('poll')
  // Another process, whose clock is an hour ahead, retires the older key.
  const aheadMs = keys.clock.nowMs + 3_600_000
  await keys.changeRing((record) =>
    settleStates(retireKey(record, older, { nowMs: aheadMs, verifiesUntilMs: aheadMs }), aheadMs),
  )
  await live.reload('poll')

  expect(live.reloadFailures).toBe(0)
  expect(live.current().signingKid).toBe(newer)
})

test.each([
  ['nobody needed is told', false, 'info'],
  ['somebody still needed is an alarm', true, 'warn'],
] as const)('the end of a key that %s', async (_name, isNeeded, level) => {
  const older = live.current().signingKid
  await rotate(0)
  const verifiesUntilMs = keys.clock.nowMs + 60_000
  await keys.changeRing((record) => retireKey(record, older, { nowMs: keys.clock.nowMs, verifiesUntilMs }))
  await live.reload('poll')
  if (isNeeded) await addSignIn(keys.store, { nowMs: keys.clock.nowMs, kid: older })
  keys.clock.nowMs = verifiesUntilMs
  await live.reload('poll')
  await live.reload('poll')

  const told = keys.log
    .events(level)
    .filter(({ message }) => String(message).startsWith(`key ${older} verifies no more`))
  expect(told).toHaveLength(1)
})
