import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isRepeatable,
  isSameMac,
  refusalOf,
  repeatableForMs,
  type VerificationRecord,
} from '../src/verification.ts'

const nowMs = 1_700_000_000_000
const pending: VerificationRecord = {
  state: 'pending',
  attempts: 0,
  maxAttempts: 5,
  expiresAtMs: nowMs + 1,
  verifiedAtMs: null,
}

describe('refusalOf', () => {
  const exhausted = { attempts: 5 }
  const expired = { expiresAtMs: nowMs }

  test.each<{ when: string; changes: Partial<VerificationRecord>; expected: string | undefined }>([
    { when: 'is new', changes: {}, expected: undefined },
    { when: 'has one guess left', changes: { attempts: 4 }, expected: undefined },
    { when: 'has no guess left', changes: exhausted, expected: 'verification_exhausted' },
    { when: 'is past its guesses', changes: { attempts: 6 }, expected: 'verification_exhausted' },
    { when: 'expires in 1 ms', changes: { expiresAtMs: nowMs + 1 }, expected: undefined },
    { when: 'expires now', changes: expired, expected: 'verification_expired' },
    { when: 'expired 1 ms ago', changes: { expiresAtMs: nowMs - 1 }, expected: 'verification_expired' },
    {
      when: 'is out of guesses and time',
      changes: { ...exhausted, ...expired },
      expected: 'verification_exhausted',
    },
    { when: 'is verified', changes: { state: 'verified' }, expected: 'verification_used' },
    {
      when: 'is verified, out of guesses and time',
      changes: { state: 'verified', ...exhausted, ...expired },
      expected: 'verification_used',
    },
    { when: 'is cancelled', changes: { state: 'cancelled' }, expected: 'verification_cancelled' },
    {
      when: 'is cancelled, out of guesses and time',
      changes: { state: 'cancelled', ...exhausted, ...expired },
      expected: 'verification_cancelled',
    },
  ])('says $expected when a verification $when', ({ changes, expected }) => {
    expect(refusalOf({ ...pending, ...changes }, nowMs)).toBe(expected)
  })
})

describe('isRepeatable', () => {
  test('lasts for one minute', () => {
    expect(repeatableForMs).toBe(60_000)
  })

  test.each<{ when: string; record: Partial<VerificationRecord>; expected: boolean }>([
    { when: 'verified now', record: { state: 'verified', verifiedAtMs: nowMs }, expected: true },
    {
      when: 'verified 59,999 ms ago',
      record: { state: 'verified', verifiedAtMs: nowMs - 59_999 },
      expected: true,
    },
    {
      when: 'verified 60,000 ms ago',
      record: { state: 'verified', verifiedAtMs: nowMs - 60_000 },
      expected: false,
    },
    { when: 'verified at no known time', record: { state: 'verified', verifiedAtMs: null }, expected: false },
    { when: 'pending', record: { state: 'pending', verifiedAtMs: nowMs }, expected: false },
    { when: 'cancelled since', record: { state: 'cancelled', verifiedAtMs: nowMs }, expected: false },
    {
      when: 'verified with the last guess, and expired since',
      record: { state: 'verified', verifiedAtMs: nowMs - 1, attempts: 5, expiresAtMs: nowMs - 1 },
      expected: true,
    },
  ])('is $expected for a verification $when', ({ record, expected }) => {
    expect(isRepeatable({ ...pending, ...record }, nowMs)).toBe(expected)
  })
})

describe('isSameMac', () => {
  test('is what === says for any two texts, and throws at no length', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 })
    const lookAlikes = fc.constantFrom('', 'a', 'b', 'ab', 'é', 'e\u0301', 'a\0')
    fc.assert(
      fc.property(fc.oneof(text, lookAlikes), fc.oneof(text, lookAlikes), (a, b) => {
        expect(isSameMac(a, b)).toBe(a === b)
        expect(isSameMac(a, a)).toBe(true)
      }),
    )
  })
})
