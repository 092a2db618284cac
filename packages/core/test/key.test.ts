import fc from 'fast-check'
import { expect, test } from 'vitest'
import { activeKey, createKey, deriveKid } from '../src/key.ts'
import { secretOf } from './rings.ts'

test('createKey makes an active key of 32 random bytes that signs from now on without an end', () => {
  const sizes: number[] = []
  const key = createKey(1_700_000_000_000, (size) => {
    sizes.push(size)
    return secretOf('first')
  })
  expect(sizes).toEqual([32])
  expect(key).toEqual({
    kid: 'j34enbtv',
    secret: secretOf('first'),
    state: 'active',
    createdAtMs: 1_700_000_000_000,
    signsFromMs: 1_700_000_000_000,
    signsUntilMs: null,
    verifiesUntilMs: null,
  })
})

test('createKey makes a new secret each time', () => {
  const secrets = Array.from({ length: 100 }, () => Buffer.from(createKey(0).secret ?? []).toString('hex'))
  expect(new Set(secrets).size).toBe(100)
  expect(secrets.filter((secret) => secret.length !== 64)).toEqual([])
})

// Made with Python's hmac: a release that derived another kid would disown every cookie in use.
test('deriveKid gives the id that earlier releases gave to the same secret', () => {
  expect(deriveKid(secretOf('first'))).toBe('j34enbtv')
})

test('deriveKid gives the same id to the same secret in other memory, and another to another secret', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 64 }), fc.nat(31), (secret, at) => {
      const kid = deriveKid(secret)
      expect(kid).toMatch(/^[a-z2-7]{8}$/)
      expect(deriveKid(Buffer.from(secret))).toBe(kid)
      const other = Buffer.from(secret)
      other[at] = (other[at] ?? 0) ^ 1
      expect(deriveKid(other)).not.toBe(kid)
    }),
  )
})

test('activeKey keeps the secret it is given; when it was made is not known, and it signs at any time', () => {
  expect(activeKey(secretOf('first'))).toEqual({
    kid: 'j34enbtv',
    secret: secretOf('first'),
    state: 'active',
    createdAtMs: null,
    signsFromMs: 0,
    signsUntilMs: null,
    verifiesUntilMs: null,
  })
})
