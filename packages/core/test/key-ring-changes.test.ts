import { describe, expect, test } from 'vitest'
import type { Key } from '../src/key.ts'
import { addOlderKey, retireKey, revokeKey, rotateKeys } from '../src/key-ring-changes.ts'
import { type KeyRingRecord, resolveKeys } from '../src/key-ring-record.ts'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'

const nowMs = 1_000
const first = keyOf('first', { createdAtMs: 0, signsFromMs: 0 })
const staged = keyOf('second', { state: 'staged', createdAtMs: 900, signsFromMs: 1_500 })
const retired = keyOf('third', { state: 'retired', signsUntilMs: 0 })
const revoked = keyOf('fourth', { state: 'revoked', verifiesUntilMs: 0, secret: null })
const random = () => secretOf('new')
const newKid = keyOf('new').kid

function signerAt(record: KeyRingRecord, atMs: number): string | undefined {
  return resolveKeys(record, atMs).signer?.kid
}

function keyIn(record: KeyRingRecord, { kid }: { kid: string }): Key | undefined {
  return record.keys.find((key) => key.kid === kid)
}

describe('rotateKeys', () => {
  test('adds a key that verifies at once and signs from its time on, when the older one retires', () => {
    const rotated = rotateKeys(recordOf(first), { nowMs, signsFromMs: 1_060, random })
    expect(rotated).toEqual({
      ...recordOf(first, keyOf('new', { state: 'staged', createdAtMs: nowMs, signsFromMs: 1_060 })),
      epoch: 4,
    })
    expect(resolveKeys(rotated, nowMs).verifiers.map((key) => key.kid)).toEqual([first.kid, newKid])
    expect([1_059, 1_060].map((atMs) => signerAt(rotated, atMs))).toEqual([first.kid, newKid])
  })

  test('makes a key of 32 random bytes, another each time', () => {
    const rotate = () => rotateKeys(recordOf(first), { nowMs, signsFromMs: nowMs }).keys[1]
    const secrets = Array.from({ length: 100 }, () => Buffer.from(rotate()?.secret ?? []).toString('hex'))
    expect(new Set(secrets).size).toBe(100)
    expect(secrets.filter((secret) => secret.length !== 64)).toEqual([])
  })

  test('refuses while another key is staged, and says when that one signs', () => {
    expect(() => rotateKeys(recordOf(first, staged), { nowMs, signsFromMs: 2_000 })).toThrow(
      `is being rotated already: key ${staged.kid} signs from 1970-01-01T00:00:01.500Z`,
    )
  })

  test('goes on once the staged key signs, and writes down that the first one has retired', () => {
    const rotated = rotateKeys(recordOf(first, staged), { nowMs: 1_500, signsFromMs: 2_000, random })
    expect(rotated.keys.slice(0, 2)).toEqual([
      { ...first, state: 'retired', signsUntilMs: 1_500 },
      { ...staged, state: 'active' },
    ])
    expect(signerAt(rotated, 2_000)).toBe(newKid)
  })

  test('lets the new key sign for good when the clock was ahead while the older one was made', () => {
    const ahead = keyOf('first', { createdAtMs: 9_000, signsFromMs: 9_000 })
    const rotated = rotateKeys(recordOf(ahead), { nowMs, signsFromMs: 1_060, random })
    expect(signerAt(rotated, 1_059)).toBe(ahead.kid)
    expect([1_061, 8_999, 9_000, 10_000].map((atMs) => signerAt(rotated, atMs))).toEqual(
      new Array(4).fill(newKid),
    )
  })

  test('lets the new key sign when it is to begin in the same millisecond as the older one', () => {
    const older = keyOf('first', { signsFromMs: nowMs })
    const rotated = rotateKeys(recordOf(older), { nowMs, signsFromMs: nowMs, random })
    expect(signerAt(rotated, nowMs + 1)).toBe(newKid)
  })
})

describe('retireKey', () => {
  test('lets a key verify until its end and no longer, and keeps its secret until then', () => {
    const ring = retireKey(recordOf(first, retired), retired.kid, { nowMs, verifiesUntilMs: 2_000 })
    expect(ring).toEqual({ ...recordOf(first, { ...retired, verifiesUntilMs: 2_000 }), epoch: 4 })
    const verifies = [1_999, 2_000].map((atMs) => resolveKeys(ring, atMs).verifiers.length)
    expect(verifies).toEqual([2, 1])
  })

  test('destroys the secret at once when the end is now', () => {
    const ring = retireKey(recordOf(first, retired), retired.kid, { nowMs, verifiesUntilMs: nowMs })
    expect(keyIn(ring, retired)).toEqual({ ...retired, verifiesUntilMs: nowMs, secret: null })
    expect(formatKeyRing(ring)).not.toContain(secretOf('third').toString('base64url'))
  })

  test('retires the older key of a rotation once the new one signs', () => {
    const ring = retireKey(recordOf(first, staged), first.kid, { nowMs: 1_500, verifiesUntilMs: 1_500 })
    expect(ring.keys.map((key) => [key.kid, key.state, key.secret === null])).toEqual([
      [first.kid, 'retired', true],
      [staged.kid, 'active', false],
    ])
  })

  test('leaves times in their order when the clock was set back', () => {
    const later = keyOf('third', { state: 'retired', signsFromMs: 5_000, signsUntilMs: 6_000 })
    const ring = retireKey(recordOf(first, later), later.kid, { nowMs, verifiesUntilMs: nowMs })
    expect(parseKeyRing(formatKeyRing(ring))).toEqual(ring)
  })

  test.each([
    {
      what: 'the key that signs, and says when another takes over',
      kid: first.kid,
      fault: `needs key ${first.kid}: it signs until 1970-01-01T00:00:01.500Z, when ${staged.kid} takes over: retire it after that`,
    },
    {
      what: 'a staged key',
      kid: staged.kid,
      fault: `needs key ${staged.kid}: it is to sign from 1970-01-01T00:00:01.500Z, and only \`revoke\` takes it back`,
    },
    { what: 'a revoked key', kid: revoked.kid, fault: `has revoked key ${revoked.kid} already` },
    { what: 'a key that is not there', kid: 'aaaaaaaa', fault: `has no key aaaaaaaa; it has ${first.kid}, ` },
  ])('refuses $what', ({ kid, fault }) => {
    const ring = recordOf(first, staged, retired, revoked)
    expect(() => retireKey(ring, kid, { nowMs, verifiesUntilMs: nowMs })).toThrow(fault)
  })

  test('refuses the only key that signs, and says to rotate first', () => {
    const retire = () => retireKey(recordOf(first, retired), first.kid, { nowMs, verifiesUntilMs: nowMs })
    expect(retire).toThrow(`needs key ${first.kid}, which is active: rotate first`)
  })
})

describe('revokeKey', () => {
  test('destroys the secret of an older key, and the same key signs on', () => {
    const ring = revokeKey(recordOf(first, retired), retired.kid, { nowMs })
    expect(ring.epoch).toBe(4)
    expect(keyIn(ring, retired)).toEqual({
      ...retired,
      state: 'revoked',
      verifiesUntilMs: nowMs,
      secret: null,
    })
    expect(formatKeyRing(ring)).not.toContain(secretOf('third').toString('base64url'))
    expect(signerAt(ring, nowMs)).toBe(first.kid)
  })

  test('lets a new key sign at once when it was the only one that could', () => {
    const ring = revokeKey(recordOf(retired, first), first.kid, { nowMs, random })
    expect(ring.keys.at(-1)).toEqual(keyOf('new', { createdAtMs: nowMs, signsFromMs: nowMs }))
    expect(ring.keys.map((key) => key.state)).toEqual(['retired', 'revoked', 'active'])
    expect(ring.epoch).toBe(4)
  })

  test('lets the staged key sign at once instead of making one', () => {
    const ring = revokeKey(recordOf(first, staged), first.kid, { nowMs })
    expect(ring.keys.map((key) => [key.kid, key.state])).toEqual([
      [first.kid, 'revoked'],
      [staged.kid, 'active'],
    ])
    expect(signerAt(ring, nowMs)).toBe(staged.kid)
    expect(ring.epoch).toBe(4)
  })

  test('ends the rotation when the staged key is the one revoked', () => {
    const ring = revokeKey(recordOf(first, staged), staged.kid, { nowMs })
    expect([nowMs, 1_500, 9_000].map((atMs) => signerAt(ring, atMs))).toEqual(new Array(3).fill(first.kid))
    expect(rotateKeys(ring, { nowMs, signsFromMs: 2_000, random }).keys.at(-1)?.kid).toBe(newKid)
  })

  test('gives back the very same ring when the key is revoked already', () => {
    const ring = recordOf(first, revoked)
    expect(revokeKey(ring, revoked.kid, { nowMs })).toBe(ring)
  })

  test('refuses a key that is not there', () => {
    expect(() => revokeKey(recordOf(first), 'aaaaaaaa', { nowMs })).toThrow(
      `has no key aaaaaaaa; it has ${first.kid}`,
    )
  })
})

describe('addOlderKey', () => {
  test('adds a key that verifies without an end and never signs, however new it is', () => {
    const newer = keyOf('second', { signsFromMs: 999 })
    const ring = addOlderKey(recordOf(first), newer, { nowMs })
    expect(ring).toEqual({
      ...recordOf({ ...newer, state: 'retired', signsUntilMs: nowMs }, first),
      epoch: 4,
    })
    expect([nowMs, 99_999].map((atMs) => signerAt(ring, atMs))).toEqual([first.kid, first.kid])
  })

  test('brings a key back whose secret was destroyed when its end had come', () => {
    const ended = keyOf('third', { state: 'retired', verifiesUntilMs: 10, secret: null })
    const ring = addOlderKey(recordOf(first, ended), keyOf('third'), { nowMs })
    expect(ring.keys.map((key) => key.kid)).toEqual([ended.kid, first.kid])
    expect(resolveKeys(ring, nowMs).verifiers).toEqual(ring.keys)
  })

  test('keeps times in their order when the key of a backup was to sign later than now', () => {
    const ring = addOlderKey(recordOf(first), staged, { nowMs })
    expect(parseKeyRing(formatKeyRing(ring))).toEqual(ring)
    expect(signerAt(ring, 1_500)).toBe(first.kid)
  })

  test.each([
    { what: 'a key that signs', key: first, fault: `has key ${first.kid} already` },
    { what: 'a key that verifies', key: retired, fault: `has key ${retired.kid} already` },
    { what: 'a revoked key', key: keyOf('fourth'), fault: `has revoked key ${revoked.kid}: it stays out` },
  ])('refuses $what', ({ key, fault }) => {
    expect(() => addOlderKey(recordOf(first, retired, revoked), key, { nowMs })).toThrow(fault)
  })

  test('refuses a key whose secret is gone: it could verify nothing', () => {
    const gone = keyOf('second', { state: 'retired', verifiesUntilMs: 10, secret: null })
    expect(() => addOlderKey(recordOf(first), gone, { nowMs })).toThrow(`key ${gone.kid} without its secret`)
  })
})
