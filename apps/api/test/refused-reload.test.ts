import { chmod } from 'node:fs/promises'
import { createKeyRingRecord, type KeyRingRecord, revokeKey, rotateKeys } from '@holdfast/core'
import { addSignIn } from '@holdfast/store/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { LiveKeyRing } from '../src/keys/live-key-ring.ts'
import { type KeySetup, setUpKeys } from './key-setup.ts'

let keys: KeySetup
let live: LiveKeyRing
/** Two keys: the first verifies, the second signs. */
let ring: KeyRingRecord
let older: string
let signer: string

beforeEach(async () => {
  keys = await setUpKeys()
  const { nowMs } = keys.clock
  ring = rotateKeys(createKeyRingRecord(nowMs - 1), { nowMs, signsFromMs: nowMs })
  const [first = '', second = ''] = ring.keys.map(({ kid }) => kid)
  older = first
  signer = second
  await keys.replaceRing(ring)
  live = await keys.start()
  return () => keys[Symbol.asyncDispose]()
})

const withEpoch = (record: KeyRingRecord, epoch: number): KeyRingRecord => ({ ...record, epoch })
const without = (record: KeyRingRecord, kid: string): KeyRingRecord => ({
  ...record,
  epoch: record.epoch + 1,
  keys: record.keys.filter((key) => key.kid !== kid),
})
const refusals = () => keys.ledger('key_ring_reload_refused')

const cases: [name: string, spoil: () => Promise<unknown>, fault: RegExp][] = [
  ['that is gone', () => keys.removeKeyFile(), /secret_key\.txt does not exist/],
  ['that is empty', () => keys.writeKeyFile(''), /is empty/],
  ['that is no JSON', () => keys.writeKeyFile('{"holdfast": key-ring}'), /JSON does not parse/],
  [
    'that is cut short',
    async () => keys.writeKeyFile((await keys.readKeyFile()).slice(0, 200)),
    /JSON does not parse/,
  ],
  [
    'that was edited by hand',
    async () => keys.writeKeyFile((await keys.readKeyFile()).replace('"epoch": 2', '"epoch": 3')),
    /does not match its checksum/,
  ],
  [
    'that lacks the key that signs',
    () => keys.replaceRing(without(ring, signer)),
    /lacks key [a-z2-7]{8}, which signs now/,
  ],
  ['of somebody else', () => keys.replaceRing(createKeyRingRecord(1)), /lacks key .*, which signs now/],
  [
    'that lacks a key which live records need',
    async () => {
      await addSignIn(keys.store, { nowMs: keys.clock.nowMs, kid: older })
      await keys.replaceRing(without(ring, older))
    },
    /key [a-z2-7]{8} is missing from .*secret_key\.txt and still needed \(sign-ins: 1, /,
  ],
  ['of an older epoch', () => keys.replaceRing(withEpoch(ring, 1)), /is older than .* \(epoch 1 after 2\)/],
  [
    'in which no key may sign',
    () =>
      keys.replaceRing({ ...ring, epoch: 3, keys: ring.keys.map((key) => ({ ...key, state: 'retired' })) }),
    /has no active key/,
  ],
]

describe.each(cases)('a key ring %s', (_name, spoil, fault) => {
  test('is refused, and the last good one stays in use', async () => {
    const before = live.current()
    await spoil()
    await live.reload('poll')

    expect(live.current()).toBe(before)
    expect(live.record.epoch).toBe(2)
    expect(live.current().kids).toEqual([older, signer])
    expect(live.reloads).toBe(0)
  })

  test('is counted each time, and told once in the log and the ledger', async () => {
    await spoil()
    for (let look = 1; look <= 3; look++) {
      await live.reload('poll')
      expect(live.reloadFailures).toBe(look)
    }
    expect(keys.log.events('error')).toMatchObject([
      {
        message: 'key ring not reloaded, the last good one stays in use',
        cause: 'poll',
        fault: expect.stringMatching(fault),
        epoch: 2,
        signs: signer,
      },
    ])
    expect(refusals()).toHaveLength(1)
  })

  test('is said to be readable again once the good one is back, and the count stays', async () => {
    await spoil()
    await live.reload('poll')
    await keys.replaceRing(ring)
    await live.reload('poll')
    await live.reload('poll')

    expect(keys.log.events('info').map(({ message }) => message)).toEqual(['key ring can be read again'])
    expect(live.reloadFailures).toBe(1)
    expect(live.reloads).toBe(0)
  })
})

test('a revoked key that is back, from an older copy under a higher epoch, is refused', async () => {
  await keys.changeRing((record) => revokeKey(record, older, { nowMs: keys.clock.nowMs }))
  await live.reload('poll')
  expect(live.reloads).toBe(1)
  await keys.replaceRing(withEpoch(ring, 9))
  await live.reload('poll')

  expect(live.current().has(older)).toBe(false)
  expect(live.reloadFailures).toBe(1)
  expect(keys.log.events('error')).toMatchObject([
    { fault: expect.stringMatching(new RegExp(`key ${older} was revoked and is in .* again`)) },
  ])
})

test('every fault of a ring is told at once', async () => {
  await addSignIn(keys.store, { nowMs: keys.clock.nowMs, kid: older })
  await keys.replaceRing(withEpoch(createKeyRingRecord(1), 0))
  await live.reload('poll')

  const [logged] = keys.log.events('error')
  for (const part of ['which signs now', `key ${older} is missing`, 'this store belongs to key ring']) {
    expect(logged?.fault).toContain(part)
  }
})

test('another fault than the last one is told anew', async () => {
  await keys.writeKeyFile('')
  await live.reload('poll')
  await keys.removeKeyFile()
  await live.reload('poll')
  await live.reload('poll')

  expect(keys.log.events('error')).toHaveLength(2)
  expect(refusals()).toHaveLength(2)
  expect(live.reloadFailures).toBe(3)
})

test('a good ring that comes after a refused one is taken over', async () => {
  await keys.writeKeyFile('')
  await live.reload('poll')
  const { nowMs } = keys.clock
  const next = rotateKeys(ring, { nowMs, signsFromMs: nowMs + 1 })
  await keys.replaceRing(next)
  keys.clock.nowMs += 1
  await live.reload('poll')

  expect(live.current().signingKid).toBe(next.keys.at(-1)?.kid)
  expect(live.reloads).toBe(1)
})

test.each([
  ['production', 'refused', true],
  ['development', 'taken over', false],
])('in %s a changed ring that others can read is %s', async (_posture, _outcome, isProduction) => {
  const server = await keys.start({ isProduction })
  const { nowMs } = keys.clock
  await keys.changeRing((record) => rotateKeys(record, { nowMs, signsFromMs: nowMs }))
  await chmod(keys.path, 0o644)
  await server.reload('poll')
  expect(server.reloads).toBe(isProduction ? 0 : 1)
  expect(server.reloadFailures).toBe(isProduction ? 1 : 0)

  await chmod(keys.path, 0o600)
  await server.reload('poll')
  expect(server.reloads).toBe(1)
})

test('no refusal quotes a key', async () => {
  const secret = 'Zx9Qw7Er5Ty3Ui1Op0As'
  for (const text of [secret, `{"secret":"${secret}"}`, `${secret}\n${secret}`]) {
    await keys.writeKeyFile(text)
    await live.reload('poll')
  }

  expect(live.reloadFailures).toBe(3)
  expect(keys.log.text()).not.toContain(secret)
})
