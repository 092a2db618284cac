import { hkdfSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Key } from '../src/key.ts'
import { type KeyPurpose, KeyRing } from '../src/key-ring.ts'
import { keyOf, recordOf, ringOf, secretOf } from './rings.ts'

const purposes: KeyPurpose[] = ['session-token', 'session-blob', 'code', 'outbox', 'derived-id']

describe('KeyRing', () => {
  const first = keyOf('first')
  const second = keyOf('second', { signsFromMs: 500 })
  const revoked = keyOf('third', { state: 'revoked', secret: null })
  const outdated = keyOf('fourth', { state: 'retired', verifiesUntilMs: 1 })
  const destroyed = keyOf('fifth', { state: 'retired', verifiesUntilMs: 1, secret: null })
  const ring = ringOf(first, second, revoked, outdated, destroyed)

  test('carries the id and the epoch of its record and signs with the newest key', () => {
    expect(ring).toMatchObject({ ringId: 'ringtest', epoch: 3, signingKid: second.kid })
  })

  test('has the keys that verify, and says why the others are missing', () => {
    expect(ring.kids).toEqual([first.kid, second.kid])
    const known = [first, second, revoked, outdated, destroyed].map((key) => ring.has(key.kid))
    expect(known).toEqual([true, true, false, false, false])
    expect(ring.has('aaaaaaaa')).toBe(false)
    expect(ring.whyMissing(revoked.kid)).toBe('key_revoked')
    expect(ring.whyMissing(outdated.kid)).toBe('key_unknown')
    expect(ring.whyMissing(destroyed.kid)).toBe('key_unknown')
    expect(ring.whyMissing('aaaaaaaa')).toBe('key_unknown')
  })

  test('signs with a staged key from its time on and not a millisecond sooner', () => {
    const record = recordOf(first, keyOf('second', { state: 'staged', signsFromMs: 500 }))
    expect(new KeyRing(record, 499).signingKid).toBe(first.kid)
    expect(new KeyRing(record, 499).has(second.kid)).toBe(true)
    expect(new KeyRing(record, 500).signingKid).toBe(second.kid)
  })

  test.each<{ keys: string; record: Key[] }>([
    { keys: 'no key', record: [] },
    { keys: 'a revoked key', record: [revoked] },
    { keys: 'a retired key', record: [keyOf('a', { state: 'retired' })] },
    { keys: 'a staged key of tomorrow', record: [keyOf('a', { state: 'staged', signsFromMs: 86_400_000 })] },
    { keys: 'an active key that verifies no longer', record: [keyOf('a', { verifiesUntilMs: 10 })] },
  ])('throws when its record has only $keys', ({ record }) => {
    expect(() => new KeyRing(recordOf(...record), 10)).toThrow('has no active key')
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
    expect(new Set(subKeys.map((subKey) => subKey.export().toString('hex'))).size).toBe(10)
    expect(all().every((subKey, index) => subKey === subKeys[index])).toBe(true)
  })

  test.each([revoked.kid, outdated.kid, destroyed.kid, 'aaaaaaaa', ''])(
    'subKey throws for the kid %j, which does not verify',
    (kid) => {
      expect(() => ring.subKey(kid, 'code')).toThrow(RangeError)
    },
  )
})
