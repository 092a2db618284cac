import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KeyPurpose } from '../src/key-ring.ts'
import {
  createGeneration,
  createSessionId,
  generationOf,
  signSessionToken,
  verifySessionToken,
} from '../src/session-token.ts'
import { keyOf, ringOf } from './rings.ts'

const first = keyOf('first')
const ring = ringOf(first)
const sessionId = `gen12345${'A'.repeat(43)}`
// Made with Python's hmac: a release that signed otherwise would sign everybody out.
const token = `v1.j34enbtv.${sessionId}.GRod6_LrPTHgj5P8QnVLGXjM0k4L8EHNcvjWjqDtMkE`
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const anySessionId = fc.tuple(
  fc.uint8Array({ minLength: 6, maxLength: 6 }),
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
)

function macUnder(purpose: KeyPurpose): string {
  return createHmac('sha256', ring.subKey(first.kid, purpose))
    .update(`v1.${first.kid}.${sessionId}`)
    .digest('base64url')
}

describe('session id', () => {
  test('is 51 characters of base64url and carries its generation', () => {
    fc.assert(
      fc.property(anySessionId, ([generationBytes, idBytes]) => {
        const generation = createGeneration(() => generationBytes)
        const id = createSessionId(generation, () => idBytes)
        expect(generation).toMatch(/^[\w-]{8}$/)
        expect(id).toMatch(/^[\w-]{51}$/)
        expect(generationOf(id)).toBe(generation)
        expect(Buffer.from(id.slice(8), 'base64url')).toEqual(Buffer.from(idBytes))
      }),
    )
  })

  test('takes 256 random bits, and a generation 48', () => {
    const sizes: number[] = []
    const random = (size: number) => {
      sizes.push(size)
      return new Uint8Array(size)
    }
    createSessionId(createGeneration(random), random)
    expect(sizes).toEqual([6, 32])
  })

  test('is never made twice, and neither is a generation', () => {
    expect(new Set(Array.from({ length: 1000 }, () => createSessionId('gen12345'))).size).toBe(1000)
    expect(new Set(Array.from({ length: 1000 }, () => createGeneration())).size).toBe(1000)
  })
})

describe('signSessionToken', () => {
  test('spells the token that earlier releases spelled', () => {
    expect(signSessionToken(ring, sessionId)).toBe(token)
  })

  test('names the kid of the new key once the ring is rotated', () => {
    const second = keyOf('second', { signsFromMs: 500 })
    const rotated = ringOf(first, second)
    expect(verifySessionToken(rotated, signSessionToken(rotated, sessionId))).toEqual({
      ok: true,
      sessionId,
      kid: second.kid,
    })
  })
})

describe('verifySessionToken', () => {
  test('gives back the session id that was signed, whatever it is', () => {
    fc.assert(
      fc.property(anySessionId, ([generationBytes, idBytes]) => {
        const id = createSessionId(
          createGeneration(() => generationBytes),
          () => idBytes,
        )
        const check = verifySessionToken(ring, signSessionToken(ring, id))
        expect(check).toEqual({ ok: true, sessionId: id, kid: first.kid })
      }),
    )
  })

  test.each(['active', 'retired', 'staged'] as const)(
    'accepts a token of an older key that is %s after a rotation',
    (state) => {
      const rotated = ringOf(keyOf('first', { state }), keyOf('second', { signsFromMs: 500 }))
      expect(verifySessionToken(rotated, token)).toEqual({ ok: true, sessionId, kid: first.kid })
    },
  )

  test('refuses a token in which any one character is another one', () => {
    const accepted = []
    for (let at = 0; at < token.length; at++) {
      for (const character of `${base64url}.=+/ \n\0é`) {
        const changed = token.slice(0, at) + character + token.slice(at + 1)
        if (changed !== token && verifySessionToken(ring, changed).ok) accepted.push(changed)
      }
    }
    expect(accepted).toEqual([])
  })

  test('refuses a token in which anything was replaced by any text', () => {
    fc.assert(
      fc.property(
        fc.nat(token.length),
        fc.nat(8),
        fc.string({ unit: 'binary', maxLength: 8 }),
        (at, length, text) => {
          const changed = token.slice(0, at) + text + token.slice(at + length)
          fc.pre(changed !== token)
          return !verifySessionToken(ring, changed).ok
        },
      ),
    )
  })

  test('calls every truncation malformed', () => {
    const lengths = Array.from({ length: token.length }, (_, length) => length)
    const others = lengths.filter((length) => {
      const check = verifySessionToken(ring, token.slice(0, length))
      return check.ok || check.reason !== 'cookie_malformed'
    })
    expect(others).toEqual([])
  })

  test('calls another spelling of the very same MAC bytes invalid', () => {
    const last = base64url.indexOf(token.at(-1) ?? '')
    const respelled = token.slice(0, -1) + base64url[last ^ 1]
    const macBytes = (text: string) => Buffer.from(text.split('.')[3] ?? '', 'base64url')
    expect(macBytes(respelled)).toEqual(macBytes(token))
    expect(verifySessionToken(ring, respelled)).toEqual({
      ok: false,
      reason: 'signature_invalid',
      kid: first.kid,
    })
  })

  test.each(['session-blob', 'code', 'outbox', 'derived-id'] as const)(
    'refuses a MAC that was made with the sub-key for %s',
    (purpose) => {
      const forged = `v1.${first.kid}.${sessionId}.${macUnder(purpose)}`
      expect(verifySessionToken(ring, forged)).toEqual({
        ok: false,
        reason: 'signature_invalid',
        kid: first.kid,
      })
      expect(`v1.${first.kid}.${sessionId}.${macUnder('session-token')}`).toBe(token)
    },
  )

  test("refuses one key's MAC under the kid of another", () => {
    const second = keyOf('second', { signsFromMs: 500 })
    const moved = token.replace(first.kid, second.kid)
    expect(verifySessionToken(ringOf(first, second), moved)).toEqual({
      ok: false,
      reason: 'signature_invalid',
      kid: second.kid,
    })
  })

  test.each([
    { when: 'the ring never had the key', ring: ringOf(keyOf('second')), reason: 'key_unknown' },
    {
      when: 'the key was revoked',
      ring: ringOf(keyOf('second'), keyOf('first', { state: 'revoked' })),
      reason: 'key_revoked',
    },
    {
      when: 'the key verifies no longer',
      ring: ringOf(keyOf('second'), keyOf('first', { state: 'retired', verifiesUntilMs: 1_000_000 })),
      reason: 'key_unknown',
    },
  ])('says $reason and names the key when $when', ({ ring, reason }) => {
    expect(verifySessionToken(ring, token)).toEqual({ ok: false, reason, kid: first.kid })
  })

  test.each([
    ['is empty', ''],
    ['has another version', token.replace('v1.', 'v2.')],
    ['ends in a newline', `${token}\n`],
    ['follows a newline', `\n${token}`],
    ['follows another token', `${token} ${token}`],
    ['has an upper-case kid', token.replace('j34enbtv', 'J34ENBTV')],
    ['has a padded MAC', `${token}=`],
    ['has full-width letters', token.replace('AAAA', 'ＡＡＡＡ')],
    ['is 100,000 characters long', token + 'A'.repeat(100_000)],
  ])('calls a token malformed that %s', (_, malformed) => {
    expect(verifySessionToken(ring, malformed)).toEqual({ ok: false, reason: 'cookie_malformed' })
  })
})
