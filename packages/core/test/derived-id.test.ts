import { expect, test } from 'vitest'
import {
  begunSessionIdFor,
  requestNameOf,
  sessionKeyOf,
  signedInSessionIdFor,
  signInIdFor,
} from '../src/derived-id.ts'
import { keyOf, ringOf } from './rings.ts'

const first = keyOf('first')
const second = keyOf('second')
const ring = ringOf(first, second)

// Made with Python's hmac: an id that changed between releases would sign a person in twice.
test('signInIdFor gives the id that earlier releases derived from the same verification', () => {
  expect(signInIdFor(ring, first.kid, 'verification-1')).toBe('xiVKyD5mZk2Qsy20EpkDQQ')
})

test('signedInSessionIdFor gives 51 characters: the generation and the id earlier releases derived', () => {
  const id = signedInSessionIdFor(ring, first.kid, 'verification-1', 'gen12345')
  expect(id).toBe('gen12345Ua6w1gOYFyIzt4bQrUa0e2lPR2KwJSB5e5a4UF_Kp3Y')
  expect(id).toHaveLength(51)
})

// Made with Python's hashlib: in a deploy one release may begin the session and the next one meet the repetition.
test('requestNameOf and begunSessionIdFor give what earlier releases gave, 51 characters with the generation', () => {
  const name = requestNameOf(
    '8e03978e-40d5-43e8-bc93-6894a57f9324',
    Buffer.from('{"email":"ada@example.com"}'),
  )
  expect(name).toBe('ZcDwSEYe6vHmI0E1nUQn267ze2xNCs75ZjeDrxJLAyE')
  const id = begunSessionIdFor(name, 'gen12345')
  expect(id).toBe('gen12345gXM7O3unxS4c7dtuexTM_AHD93RnrK6tqCJt8LW5Tro')
  expect(id).toHaveLength(51)
})

test('derived ids are the same again from another ring that holds the same key', () => {
  const restarted = ringOf(keyOf('third'), keyOf('first', { state: 'retired' }))
  expect(signInIdFor(restarted, first.kid, 'v')).toBe(signInIdFor(ring, first.kid, 'v'))
  expect(signedInSessionIdFor(restarted, first.kid, 'v', 'gen12345')).toBe(
    signedInSessionIdFor(ring, first.kid, 'v', 'gen12345'),
  )
})

test('derived ids differ for each verification and for each key', () => {
  const ids = [first, second].flatMap(({ kid }) =>
    ['v1', 'v2', ''].flatMap((verificationId) => [
      signInIdFor(ring, kid, verificationId),
      signedInSessionIdFor(ring, kid, verificationId, '').slice(0, 22),
    ]),
  )
  expect(new Set(ids).size).toBe(12)
})

test('derived ids cannot be made with a revoked key', () => {
  const revoked = ringOf(second, keyOf('first', { state: 'revoked' }))
  expect(() => signInIdFor(revoked, first.kid, 'v')).toThrow(RangeError)
})

test('sessionKeyOf gives the SHA-256 of the session id and not the id', () => {
  expect(sessionKeyOf('a-session-id')).toBe('OEnrlkElMLL9x3JndKvre8K8v_f05hkaHHEhYj33Mmk')
})
