import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { open, seal } from '../src/seal.ts'
import { keyOf, ringOf } from './rings.ts'

const first = keyOf('first')
const ring = ringOf(first)
const text = 'the code is 012345'
// Made with Python's cryptography: what waits in the outbox must open after an upgrade.
const sealed = 'v1.j34enbtv.AAECAwQFBgcICQoLBeveyUsQA80w46skAqxWaTEk5hPE7AtUyBCkL6o2SmutQQ'
const anyText = fc.string({ unit: 'binary', maxLength: 300 })

function withBody(bytes: Uint8Array): string {
  return `v1.${first.kid}.${Buffer.from(bytes).toString('base64url')}`
}

function bodyOf(seal: string): Buffer {
  return Buffer.from(seal.split('.')[2] ?? '', 'base64url')
}

describe('seal', () => {
  test('spells the seal that earlier releases spelled', () => {
    const nonce = Buffer.from('000102030405060708090a0b', 'hex')
    expect(seal(ring, 'outbox', 'row-1', text, () => nonce)).toBe(sealed)
  })

  test('takes a new nonce of 12 bytes each time', () => {
    const nonces = Array.from({ length: 1000 }, () =>
      bodyOf(seal(ring, 'outbox', 'row-1', text)).toString('hex', 0, 12),
    )
    expect(new Set(nonces).size).toBe(1000)
  })

  test('shows nothing of the text', () => {
    expect(bodyOf(seal(ring, 'outbox', 'row-1', text)).includes('012345')).toBe(false)
  })

  test('seals with the newest key, and the seals of the older one still open', () => {
    const second = keyOf('second', { signsFromMs: 500 })
    const rotated = ringOf(first, second)
    const renewed = seal(rotated, 'outbox', 'row-1', text)
    expect(renewed.split('.')[1]).toBe(second.kid)
    expect(open(rotated, 'outbox', 'row-1', renewed)).toEqual({ ok: true, text })
    expect(open(rotated, 'outbox', 'row-1', sealed)).toEqual({ ok: true, text })
  })
})

describe('open', () => {
  test('gives back any text for the context that it was sealed with', () => {
    fc.assert(
      fc.property(anyText, anyText, (anything, context) => {
        const opened = open(ring, 'session-blob', context, seal(ring, 'session-blob', context, anything))
        expect(opened).toEqual({ ok: true, text: anything })
      }),
    )
  })

  test('calls a seal tampered when the context is another', () => {
    fc.assert(
      fc.property(anyText, anyText, (context, other) => {
        fc.pre(context !== other)
        const opened = open(ring, 'outbox', other, seal(ring, 'outbox', context, text))
        expect(opened).toEqual({ ok: false, reason: 'tampered' })
      }),
    )
  })

  test.each(['session-blob', 'session-token', 'code', 'derived-id'] as const)(
    'calls a seal of the outbox tampered when it is opened for %s',
    (purpose) => {
      expect(open(ring, purpose, 'row-1', sealed)).toEqual({ ok: false, reason: 'tampered' })
    },
  )

  test('calls a seal tampered when any bit of nonce, text or tag is flipped', () => {
    const length = bodyOf(sealed).length
    const reasons = Array.from({ length: length * 8 }, (_, bit) => {
      const bytes = bodyOf(sealed)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const opened = open(ring, 'outbox', 'row-1', withBody(bytes))
      return opened.ok ? opened : opened.reason
    })
    expect(new Set(reasons)).toEqual(new Set(['tampered']))
  })

  test('opens no truncated seal: malformed below 28 bytes, tampered above', () => {
    const bytes = bodyOf(sealed)
    for (let length = 0; length < bytes.length; length++) {
      expect(open(ring, 'outbox', 'row-1', withBody(bytes.subarray(0, length)))).toEqual({
        ok: false,
        reason: length < 28 ? 'malformed' : 'tampered',
      })
    }
  })

  test("opens no seal under another key's kid", () => {
    const second = keyOf('second')
    const moved = sealed.replace(first.kid, second.kid)
    expect(open(ringOf(first, second), 'outbox', 'row-1', moved)).toEqual({ ok: false, reason: 'tampered' })
  })

  test('says key_unknown when the ring never had the key, key_revoked when it was revoked, and names it', () => {
    const other = keyOf('second')
    const { kid } = first
    expect(open(ringOf(other), 'outbox', 'row-1', sealed)).toEqual({
      ok: false,
      reason: 'key_unknown',
      kid,
    })
    expect(open(ringOf(other, keyOf('first', { state: 'revoked' })), 'outbox', 'row-1', sealed)).toEqual({
      ok: false,
      reason: 'key_revoked',
      kid,
    })
  })

  test.each([
    '',
    'plain text',
    sealed.replace('v1', 'v2'),
    `${sealed}\n`,
    `${sealed}=`,
    'v1.j34enbtv.',
    'v1..AAAA',
  ])('calls %j malformed', (malformed) => {
    expect(open(ring, 'outbox', 'row-1', malformed)).toEqual({ ok: false, reason: 'malformed' })
  })

  test('throws at nothing, whatever it is given', () => {
    const nearSeal = fc.string({
      unit: fc.constantFrom('v', '1', '.', 'A', 'j34enbtv', '-', '='),
      maxLength: 60,
    })
    fc.assert(
      fc.property(fc.oneof(anyText, nearSeal), (anything) => !open(ring, 'outbox', 'row-1', anything).ok),
    )
  })
})
