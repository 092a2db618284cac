import { expect, test } from 'vitest'
import { reasons } from '../src/reason.ts'

test('reasons names each reason once, in lower-case words', () => {
  expect(new Set(reasons).size).toBe(reasons.length)
  expect(reasons.filter((reason) => !/^[a-z]+(_[a-z]+)*$/.test(reason))).toEqual([])
})

test('reasons is the closed list that ledgers, metrics and clients rely on', () => {
  expect([...reasons].sort()).toEqual([
    'cookie_malformed',
    'cookie_missing',
    'ended_by_operator',
    'ended_by_user',
    'idle_timeout',
    'key_revoked',
    'key_unknown',
    'never_started',
    'session_expired',
    'session_unknown',
    'signature_invalid',
    'signed_out',
    'store_replaced',
    'verification_cancelled',
    'verification_exhausted',
    'verification_expired',
    'verification_used',
  ])
})
