import { hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Key } from '../src/key.ts'
import { createKeyRingRecord, type KeyPurpose, KeyRing, resolveKeys } from '../src/key-ring.ts'
import { keyOf, recordOf, ringOf, secretOf } from './rings.ts'

const purposes: KeyPurpose[] = ['session-token', 'session-blob', 'code', 'outbox', 'derived-id', 'address']
const nowMs = 10
// Times on both sides of now and on it, so that every boundary is met often.
const aTime = fc.integer({ min: 8, max: 12 })
const anEnd = fc.option(aTime, { nil: null })
const anyKeys: fc.Arbitrary<Key[]> = fc
  .array(
    fc.record({
      state: fc.constantFrom('staged', 'active', 'retired', 'revoked'),
      signsFromMs: aTime,
      signsUntilMs: anEnd,
      verifiesUntilMs: anEnd,
    }),
    { maxLength: 6 },
  )
  .map((changes) => changes.map((change, index) => keyOf(`key ${index}`, change)))

function verifies(key: Key): boolean {
  return key.state !== 'revoked' && (key.verifiesUntilMs ?? Number.POSITIVE_INFINITY) > nowMs
}

function maySign(key: Key): boolean {
  const signsUntilMs = key.signsUntilMs ?? Number.POSITIVE_INFINITY
  return verifies(key) && key.state === 'active' && key.signsFromMs <= nowMs && signsUntilMs > nowMs
}

describe('resolveKeys', () => {
  test('signs with an active key that no other key which may sign is newer than', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const { signer } = resolveKeys(recordOf(...keys), nowMs)
        const candidates = keys.filter(maySign)
        if (signer === undefined) return candidates.length === 0
        return candidates.includes(signer) && candidates.every((key) => key.signsFromMs <= signer.signsFromMs)
      }),
    )
  })

  test('verifies with every key that is neither revoked nor past its time, the signer included', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const { signer, verifiers } = resolveKeys(recordOf(...keys), nowMs)
        expect(verifiers).toEqual(keys.filter(verifies))
        expect(signer === undefined || verifiers.includes(signer)).toBe(true)
      }),
    )
  })

  test('chooses the newest key wherever it stands in the list', () => {
    const keys = [1, 2, 3, 4, 5].map((signsFromMs) => keyOf(`key ${signsFromMs}`, { signsFromMs }))
    const anyOrder = fc.shuffledSubarray(keys, { minLength: 1 })
    fc.assert(
      fc.property(anyOrder, (shuffled) => {
        const newest = Math.max(...shuffled.map((key) => key.signsFromMs))
        expect(resolveKeys(recordOf(...shuffled), nowMs).signer?.signsFromMs).toBe(newest)
      }),
    )
  })

  test('chooses the first of two keys of the same age, so that every process chooses alike', () => {
    const keys = [keyOf('first'), keyOf('second')]
    expect(resolveKeys(recordOf(...keys), nowMs).signer).toBe(keys[0])
  })

  test.each<{ key: string; changes: Partial<Key>; signs: boolean; verifies: boolean }>([
    { key: 'active', changes: {}, signs: true, verifies: true },
    { key: 'staged', changes: { state: 'staged' }, signs: false, verifies: true },
    { key: 'retired', changes: { state: 'retired' }, signs: false, verifies: true },
    { key: 'revoked', changes: { state: 'revoked' }, signs: false, verifies: false },
    { key: 'signing from now', changes: { signsFromMs: nowMs }, signs: true, verifies: true },
    { key: 'signing from 1 ms later', changes: { signsFromMs: nowMs + 1 }, signs: false, verifies: true },
    { key: 'signing until now', changes: { signsUntilMs: nowMs }, signs: false, verifies: true },
    { key: 'signing until 1 ms later', changes: { signsUntilMs: nowMs + 1 }, signs: true, verifies: true },
    { key: 'verifying until now', changes: { verifiesUntilMs: nowMs }, signs: false, verifies: false },
    {
      key: 'verifying until 1 ms later',
      changes: { verifiesUntilMs: nowMs + 1 },
      signs: true,
      verifies: true,
    },
  ])('for a key $key: signs $signs, verifies $verifies', ({ changes, signs, verifies }) => {
    const key = keyOf('first', changes)
    expect(resolveKeys(recordOf(key), nowMs)).toEqual({
      signer: signs ? key : undefined,
      verifiers: verifies ? [key] : [],
    })
  })
})

describe('KeyRing', () => {
  const first = keyOf('first')
  const second = keyOf('second', { signsFromMs: 500 })
  const revoked = keyOf('third', { state: 'revoked' })
  const outdated = keyOf('fourth', { state: 'retired', verifiesUntilMs: 1 })
  const ring = ringOf(first, second, revoked, outdated)

  test('carries the id and the epoch of its record and signs with the newest key', () => {
    expect(ring).toMatchObject({ ringId: 'ring-of-a-test', epoch: 3, signingKid: second.kid })
  })

  test('has the keys that verify, and says why the others are missing', () => {
    expect(ring.kids).toEqual([first.kid, second.kid])
    const known = [first, second, revoked, outdated].map((key) => ring.has(key.kid))
    expect(known).toEqual([true, true, false, false])
    expect(ring.has('aaaaaaaa')).toBe(false)
    expect(ring.whyMissing(revoked.kid)).toBe('key_revoked')
    expect(ring.whyMissing(outdated.kid)).toBe('key_unknown')
    expect(ring.whyMissing('aaaaaaaa')).toBe('key_unknown')
  })

  test.each<{ keys: string; record: Key[] }>([
    { keys: 'no key', record: [] },
    { keys: 'a revoked key', record: [revoked] },
    {
      keys: 'a staged and a retired key',
      record: [keyOf('a', { state: 'staged' }), keyOf('b', { state: 'retired' })],
    },
    { keys: 'a key of tomorrow', record: [keyOf('a', { signsFromMs: 86_400_000 })] },
  ])('throws when its record has only $keys', ({ record }) => {
    expect(() => new KeyRing(recordOf(...record), nowMs)).toThrow('no active key')
  })

  // Made with Python's hmac by RFC 5869: what is signed today is verified by the next release.
  test('subKey derives what earlier releases derived', () => {
    expect(ring.subKey(first.kid, 'outbox').export().toString('hex')).toBe(
      '22cbd99af8831034f1510bcea1e2f0f2beb757f50fe432624af8ac279ce15f1b',
    )
  })

  test.each(purposes)('subKey derives the key for %s from secret, purpose and kid', (purpose) => {
    const expected = hkdfSync('sha256', secretOf('second'), '', `holdfast/v1/${purpose}/${second.kid}`, 32)
    expect(ring.subKey(second.kid, purpose).export()).toEqual(Buffer.from(expected))
  })

  test('subKey gives each kid and purpose a key of its own, and the same one again', () => {
    const all = () => ring.kids.flatMap((kid) => purposes.map((purpose) => ring.subKey(kid, purpose)))
    const subKeys = all()
    expect(new Set(subKeys.map((subKey) => subKey.export().toString('hex'))).size).toBe(12)
    expect(all().every((subKey, index) => subKey === subKeys[index])).toBe(true)
  })

  test.each([revoked.kid, outdated.kid, 'aaaaaaaa', ''])(
    'subKey throws for the kid %j, which does not verify',
    (kid) => {
      expect(() => ring.subKey(kid, 'code')).toThrow(RangeError)
    },
  )
})

describe('createKeyRingRecord', () => {
  test('makes a ring of epoch 1 with one new key that signs at any time', () => {
    const record = createKeyRingRecord(1234, (size) => secretOf('first').subarray(0, size))
    expect(record).toEqual({
      ringId: expect.stringMatching(/^[a-z2-7]{8}$/),
      epoch: 1,
      keys: [
        keyOf('first', {
          createdAtMs: 1234,
          signsFromMs: 0,
        }),
      ],
    })
    expect(new KeyRing(record, 1233).signingKid).toBe(keyOf('first').kid)
  })

  test('makes another ring with another key each time', () => {
    const records = Array.from({ length: 100 }, () => createKeyRingRecord(0))
    expect(new Set(records.map((record) => record.ringId)).size).toBe(100)
    expect(new Set(records.map((record) => record.keys[0]?.kid)).size).toBe(100)
  })
})
