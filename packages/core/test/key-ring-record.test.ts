import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Key } from '../src/key.ts'
import { KeyRing } from '../src/key-ring.ts'
import { createKeyRingRecord, fingerprintOf, resolveKeys, settleStates } from '../src/key-ring-record.ts'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'
import { showing } from './secret-traces.ts'

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
      isDestroyed: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((all) =>
    all.map(({ isDestroyed, ...changes }, index) =>
      keyOf(`key ${index}`, isDestroyed ? { ...changes, secret: null } : changes),
    ),
  )

function verifies(key: Key): boolean {
  const isOver = key.verifiesUntilMs !== null && key.verifiesUntilMs <= nowMs
  return key.secret !== null && key.state !== 'revoked' && !isOver
}

function isDue(key: Key): boolean {
  const maySign = key.state === 'active' || key.state === 'staged'
  return maySign && key.signsFromMs <= nowMs && (key.signsUntilMs ?? nowMs + 1) > nowMs
}

describe('resolveKeys', () => {
  test('signs with the newest key that verifies and is due, wherever it stands', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const { signer, isSignerOutOfTime } = resolveKeys(recordOf(...keys), nowMs)
        const due = keys.filter((key) => verifies(key) && isDue(key))
        fc.pre(due.length > 0)
        expect(isSignerOutOfTime).toBe(false)
        expect(due).toContain(signer)
        expect(signer?.signsFromMs).toBe(Math.max(...due.map((key) => key.signsFromMs)))
      }),
    )
  })

  test('never signs with a revoked, retired or destroyed key, nor with a staged one before its time', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const { signer } = resolveKeys(recordOf(...keys), nowMs)
        if (signer === undefined) return true
        const hasCome = signer.state === 'active' || signer.signsFromMs <= nowMs
        return ['staged', 'active'].includes(signer.state) && signer.secret !== null && hasCome
      }),
    )
  })

  test('has a signer whenever an active key verifies, and says when that is out of its time', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const { signer, isSignerOutOfTime } = resolveKeys(recordOf(...keys), nowMs)
        const active = keys.filter((key) => key.state === 'active' && verifies(key))
        if (active.length > 0) expect(signer).toBeDefined()
        expect(isSignerOutOfTime).toBe(signer !== undefined && !isDue(signer))
      }),
    )
  })

  test('verifies with every key that is neither revoked, destroyed nor past its end, the signer included', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const { signer, verifiers } = resolveKeys(recordOf(...keys), nowMs)
        expect(verifiers).toEqual(keys.filter(verifies))
        expect(signer === undefined || verifiers.includes(signer)).toBe(true)
      }),
    )
  })

  test('chooses a signer of the same age in any order of the keys', () => {
    fc.assert(
      fc.property(
        anyKeys.chain((keys) =>
          fc.tuple(fc.constant(keys), fc.shuffledSubarray(keys, { minLength: keys.length })),
        ),
        ([keys, shuffled]) => {
          const [one, other] = [keys, shuffled].map((each) => resolveKeys(recordOf(...each), nowMs).signer)
          expect(one?.signsFromMs).toBe(other?.signsFromMs)
        },
      ),
    )
  })

  test('chooses the first of two keys of the same age, so that every process chooses alike', () => {
    const keys = [keyOf('first'), keyOf('second')]
    expect(resolveKeys(recordOf(...keys), nowMs).signer).toBe(keys[0])
  })

  test.each<{ when: string; keys: Key[]; signs: string }>([
    {
      when: 'all active keys are of the future',
      keys: [keyOf('later', { signsFromMs: 30 }), keyOf('sooner', { signsFromMs: 20 })],
      signs: 'sooner',
    },
    {
      when: 'the times of all active keys are over',
      keys: [
        keyOf('older', { signsFromMs: 1, signsUntilMs: 5 }),
        keyOf('newer', { signsFromMs: 2, signsUntilMs: 5 }),
      ],
      signs: 'newer',
    },
    {
      when: 'one is over and one of the future',
      keys: [keyOf('future', { signsFromMs: 11 }), keyOf('over', { signsUntilMs: 5 })],
      signs: 'over',
    },
    {
      when: 'a staged key of the future stands beside one that is over',
      keys: [keyOf('staged', { state: 'staged', signsFromMs: 11 }), keyOf('over', { signsUntilMs: 5 })],
      signs: 'over',
    },
  ])('when $when, the $signs one signs, out of its time', ({ keys, signs }) => {
    const { signer, isSignerOutOfTime } = resolveKeys(recordOf(...keys), nowMs)
    expect(signer?.kid).toBe(keyOf(signs).kid)
    expect(isSignerOutOfTime).toBe(true)
  })

  test.each<{ key: string; changes: Partial<Key>; signs: boolean; verifies: boolean }>([
    { key: 'active', changes: {}, signs: true, verifies: true },
    { key: 'staged from now', changes: { state: 'staged', signsFromMs: nowMs }, signs: true, verifies: true },
    {
      key: 'staged from 1 ms later',
      changes: { state: 'staged', signsFromMs: nowMs + 1 },
      signs: false,
      verifies: true,
    },
    { key: 'retired', changes: { state: 'retired' }, signs: false, verifies: true },
    { key: 'revoked', changes: { state: 'revoked' }, signs: false, verifies: false },
    { key: 'without its secret', changes: { secret: null }, signs: false, verifies: false },
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
      isSignerOutOfTime: false,
    })
  })
})

describe('settleStates', () => {
  test('changes neither who signs nor who verifies, and settles nothing further when applied again', () => {
    fc.assert(
      fc.property(anyKeys, (keys) => {
        const record = recordOf(...keys)
        const settled = settleStates(record, nowMs)
        const kidsOf = ({ signer, verifiers }: ReturnType<typeof resolveKeys>) => [
          signer?.kid,
          verifiers.map((key) => key.kid),
        ]
        expect(kidsOf(resolveKeys(settled, nowMs))).toEqual(kidsOf(resolveKeys(record, nowMs)))
        expect(settleStates(settled, nowMs)).toEqual(settled)
        expect(settled).toMatchObject({ ringId: record.ringId, epoch: record.epoch })
        expect(settled.keys.map((key) => key.kid)).toEqual(keys.map((key) => key.kid))
      }),
    )
  })

  test('makes the staged key whose time has come active, and retires the one before it', () => {
    const first = keyOf('first', { signsFromMs: 1 })
    const second = keyOf('second', { state: 'staged', signsFromMs: 8 })
    expect(settleStates(recordOf(first, second), 7).keys).toEqual([first, second])
    expect(settleStates(recordOf(first, second), 8).keys).toEqual([
      { ...first, state: 'retired', signsUntilMs: 8 },
      { ...second, state: 'active' },
    ])
  })

  test('destroys the secret of a retired key once its end has come, and keeps its entry', () => {
    const retired = keyOf('first', { state: 'retired', verifiesUntilMs: 8 })
    expect(settleStates(recordOf(retired), 7).keys).toEqual([retired])
    expect(settleStates(recordOf(retired), 8).keys).toEqual([{ ...retired, secret: null }])
  })

  test('leaves an active key of the future as it is, for a clock that was set back', () => {
    const keys = [keyOf('future', { signsFromMs: 20 }), keyOf('first', { signsFromMs: 1 })]
    expect(settleStates(recordOf(...keys), nowMs).keys).toEqual(keys)
  })
})

describe('fingerprintOf', () => {
  const record = recordOf(keyOf('first'), keyOf('second', { state: 'staged', signsFromMs: 20 }))

  test('is 64 hexadecimal digits that show no part of a key', () => {
    expect(fingerprintOf(record)).toMatch(/^[0-9a-f]{64}$/)
    expect(showing(secretOf('first'), [fingerprintOf(record)])).toEqual([])
  })

  test('is the same for a ring that was written and read again, in whatever spelling', () => {
    const text = formatKeyRing(record)
    const respelled = JSON.stringify(JSON.parse(text))
    expect(respelled).not.toBe(text)
    expect(fingerprintOf(parseKeyRing(text))).toBe(fingerprintOf(record))
    expect(fingerprintOf(parseKeyRing(respelled))).toBe(fingerprintOf(record))
  })

  test.each<{ change: string; other: typeof record }>([
    { change: 'another epoch', other: { ...record, epoch: 4 } },
    { change: 'another ring id', other: { ...record, ringId: 'othering' } },
    { change: 'one key less', other: recordOf(keyOf('first')) },
    { change: 'another order', other: recordOf(...record.keys.toReversed()) },
    {
      change: 'another state',
      other: recordOf(keyOf('first', { state: 'retired' }), ...record.keys.slice(1)),
    },
    { change: 'another time', other: recordOf(keyOf('first', { signsUntilMs: 1 }), ...record.keys.slice(1)) },
    {
      change: 'a secret destroyed',
      other: recordOf(keyOf('first', { secret: null }), ...record.keys.slice(1)),
    },
  ])('is another one after $change', ({ other }) => {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(record))
  })
})

describe('createKeyRingRecord', () => {
  test('makes a ring of epoch 1 with one new key that signs from now on', () => {
    const record = createKeyRingRecord(1234, (size) => secretOf('first').subarray(0, size))
    expect(record).toEqual({
      ringId: expect.stringMatching(/^[a-z2-7]{8}$/),
      epoch: 1,
      keys: [keyOf('first', { createdAtMs: 1234, signsFromMs: 1234 })],
    })
    expect(parseKeyRing(formatKeyRing(record))).toEqual(record)
  })

  test('makes a ring that signs even when the clock is set back afterwards', () => {
    const record = createKeyRingRecord(1234, (size) => secretOf('first').subarray(0, size))
    expect(new KeyRing(record, 1).signingKid).toBe(keyOf('first').kid)
  })

  test('makes another ring with another key each time', () => {
    const records = Array.from({ length: 100 }, () => createKeyRingRecord(0))
    expect(new Set(records.map((record) => record.ringId)).size).toBe(100)
    expect(new Set(records.map((record) => record.keys[0]?.kid)).size).toBe(100)
  })
})
