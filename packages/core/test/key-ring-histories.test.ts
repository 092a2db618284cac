import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Key } from '../src/key.ts'
import { KeyRing } from '../src/key-ring.ts'
import { addOlderKey, retireKey, revokeKey, rotateKeys } from '../src/key-ring-changes.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import { createKeyRingRecord, type KeyRingRecord, resolveKeys } from '../src/key-ring-record.ts'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import { signSessionToken, verifySessionToken } from '../src/session-token.ts'
import { keyOf, secretOf } from './rings.ts'

/*
 * The changes of a key ring one after another, in any order and at any time. `at` chooses a key by its place,
 * so that most steps meet one that exists. Pauses are short: every boundary is met often.
 */
type Step =
  | { kind: 'wait'; ms: number }
  | { kind: 'rotate'; inMs: number }
  | { kind: 'retire'; at: number; inMs: number }
  | { kind: 'revoke'; at: number }
  | { kind: 'add'; name: number; signsFromMs: number }

const startMs = 100
const generation = 'gen12345'
const sessionId = generation + 'A'.repeat(43)
const oneOf = (backMs: number): fc.Arbitrary<Step> =>
  fc.oneof(
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: -backMs, max: 5 }) }),
    fc.record({ kind: fc.constant('rotate' as const), inMs: fc.integer({ min: -1, max: 4 }) }),
    fc.record({
      kind: fc.constant('retire' as const),
      at: fc.nat(20),
      inMs: fc.integer({ min: -2, max: 4 }),
    }),
    fc.record({ kind: fc.constant('revoke' as const), at: fc.nat(20) }),
    fc.record({
      kind: fc.constant('add' as const),
      name: fc.nat(4),
      signsFromMs: fc.integer({ min: 90, max: 130 }),
    }),
  )
const forward = fc.array(oneOf(0), { maxLength: 25 })
const withClockSetBack = fc.array(oneOf(5), { maxLength: 25 })

interface Moment {
  step: Step
  nowMs: number
  before: KeyRingRecord
  after: KeyRingRecord
}

/** Does the steps and shows each moment, those of refused steps too. */
function live(steps: readonly Step[], check: (moment: Moment) => void): Moment['after'] {
  let made = 0
  const random = (size: number) => secretOf(`made ${made++}`).subarray(0, size)
  let nowMs = startMs
  let record = createKeyRingRecord(nowMs, random)
  for (const step of steps) {
    const before = record
    if (step.kind === 'wait') nowMs += step.ms
    else record = changed(before, step, { nowMs, random })
    check({ step, nowMs, before, after: record })
  }
  return record
}

function changed(
  record: KeyRingRecord,
  step: Exclude<Step, { kind: 'wait' }>,
  { nowMs, random }: { nowMs: number; random: (size: number) => Uint8Array },
): KeyRingRecord {
  const kid = 'at' in step ? (record.keys[step.at % record.keys.length]?.kid ?? '') : ''
  try {
    switch (step.kind) {
      case 'rotate':
        return rotateKeys(record, { nowMs, signsFromMs: nowMs + step.inMs, random })
      case 'retire':
        return retireKey(record, kid, { nowMs, verifiesUntilMs: nowMs + step.inMs })
      case 'revoke':
        return revokeKey(record, kid, { nowMs, random })
      case 'add':
        return addOlderKey(record, keyOf(`older ${step.name}`, { signsFromMs: step.signsFromMs }), { nowMs })
    }
  } catch (error) {
    if (error instanceof KeyRingError) return record
    throw error
  }
}

function keyIn({ keys }: KeyRingRecord, kid: string): Key | undefined {
  return keys.find((key) => key.kid === kid)
}

test('after any changes, even with the clock set back, a key signs, verifies, and was never revoked', () => {
  fc.assert(
    fc.property(withClockSetBack, (steps) => {
      const everRevoked = new Set<string>()
      live(steps, ({ nowMs, after }) => {
        for (const key of after.keys) if (key.state === 'revoked') everRevoked.add(key.kid)
        const ring = new KeyRing(after, nowMs)
        expect(ring.has(ring.signingKid)).toBe(true)
        expect([...everRevoked].filter((kid) => ring.has(kid))).toEqual([])
        expect([...everRevoked].filter((kid) => keyIn(after, kid)?.secret !== null)).toEqual([])
      })
    }),
    { numRuns: 500 },
  )
})

test('after any changes, even with the clock set back, the ring reads back from its text as it was', () => {
  fc.assert(
    fc.property(withClockSetBack, (steps) => {
      live(steps, ({ after }) => expect(parseKeyRing(formatKeyRing(after))).toEqual(after))
    }),
    { numRuns: 500 },
  )
})

test('every change raises the epoch by one, and a refused or needless one changes nothing', () => {
  fc.assert(
    fc.property(withClockSetBack, (steps) => {
      let changes = 0
      const last = live(steps, ({ before, after }) => {
        if (after !== before) changes += 1
      })
      expect(last.epoch).toBe(1 + changes)
    }),
    { numRuns: 500 },
  )
})

test('a key of a rotation signs from its time on and no sooner, unless the one before it was revoked', () => {
  fc.assert(
    fc.property(forward, (steps) => {
      let isHurried = false
      live(steps, ({ step, nowMs, after }) => {
        if (step.kind === 'revoke') isHurried = true
        const { signer, isSignerOutOfTime } = resolveKeys(after, nowMs)
        expect(isSignerOutOfTime).toBe(false)
        if (!isHurried && signer?.state === 'staged') expect(signer.signsFromMs).toBeLessThanOrEqual(nowMs)
      })
    }),
    { numRuns: 500 },
  )
})

test('a rotation ends with the new key as the one that signs, whatever happened before', () => {
  fc.assert(
    fc.property(withClockSetBack, (steps) => {
      live(steps, ({ step, nowMs, before, after }) => {
        if (step.kind !== 'rotate' || after === before) return
        const added = after.keys.at(-1)
        const laterMs = Math.max(nowMs, added?.signsFromMs ?? 0)
        const signers = [0, 1, 100, 1_000].map((ms) => resolveKeys(after, laterMs + ms).signer?.kid)
        expect(signers).toEqual(new Array(4).fill(added?.kid))
      })
    }),
    { numRuns: 500 },
  )
})

test('a key that verified verifies on, unless it was revoked or the end that it was given has come', () => {
  fc.assert(
    fc.property(forward, (steps) => {
      let verified: string[] = []
      live(steps, ({ nowMs, after }) => {
        const ring = new KeyRing(after, nowMs)
        for (const kid of verified.filter((each) => !ring.has(each))) {
          const key = keyIn(after, kid)
          const isEnded = key?.verifiesUntilMs != null && key.verifiesUntilMs <= nowMs
          expect(key?.state === 'revoked' || (key?.state === 'retired' && isEnded)).toBe(true)
        }
        verified = ring.kids
      })
    }),
    { numRuns: 500 },
  )
})

test('a key whose end has come stays out until somebody adds it again', () => {
  fc.assert(
    fc.property(forward, (steps) => {
      const ended = new Set<string>()
      live(steps, ({ step, nowMs, after }) => {
        if (step.kind === 'add') ended.delete(keyOf(`older ${step.name}`).kid)
        const ring = new KeyRing(after, nowMs)
        expect([...ended].filter((kid) => ring.has(kid))).toEqual([])
        for (const key of after.keys) if (!ring.has(key.kid)) ended.add(key.kid)
      })
    }),
    { numRuns: 500 },
  )
})

test('until the new key of a rotation signs, a process that has not loaded it and one that has trust each other', () => {
  fc.assert(
    fc.property(forward, (steps) => {
      live(steps, ({ step, nowMs, before, after }) => {
        if (step.kind !== 'rotate' || after === before) return
        const signsFromMs = after.keys.at(-1)?.signsFromMs ?? 0
        for (let atMs = nowMs; atMs < signsFromMs; atMs++) {
          const rings = [new KeyRing(before, atMs), new KeyRing(after, atMs)]
          const tokens = rings.map((ring) => signSessionToken(ring, sessionId))
          const checks = rings.flatMap((ring) => tokens.map((token) => verifySessionToken(ring, token).ok))
          expect(checks).toEqual([true, true, true, true])
        }
        // From then on whoever has loaded it still verifies what the other one signs.
        const behind = new KeyRing(before, signsFromMs)
        const check = verifySessionToken(new KeyRing(after, signsFromMs), signSessionToken(behind, sessionId))
        expect(check.ok).toBe(true)
      })
    }),
    { numRuns: 500 },
  )
})
