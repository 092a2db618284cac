import { expect, test } from 'vitest'
import { deliveryAt, type MailRecord } from '../src/delivery.ts'

const waiting: MailRecord = { delivery: 'queued', sealed: 'v1.k.s', expiresAtMs: 600_000, askedAtMs: 0 }
const over = { sealed: null }

test.each<[string, Partial<MailRecord>, number, string]>([
  ['a mail that has just been asked for', {}, 0, 'queued'],
  ['one that waits for 10 s', {}, 10_000, 'queued'],
  ['one that waits for longer', {}, 10_001, 'delayed'],
  ['one of an older version, which does not know since when', { askedAtMs: null }, 599_999, 'queued'],
  ['one whose first try failed at once', { delivery: 'delayed' }, 1, 'delayed'],
  ['one that was never handed over when its code expired', {}, 600_000, 'failed'],
  ['one whose tries all failed', { delivery: 'delayed' }, 600_000, 'failed'],
  ['one that may have arrived', { delivery: 'unknown' }, 20_000, 'unknown'],
  ['one that may have arrived, after its code expired', { delivery: 'unknown' }, 600_000, 'unknown'],
  ['one that was handed over', { ...over, delivery: 'sent' }, 700_000, 'sent'],
  ['one that was refused', { ...over, delivery: 'failed' }, 1, 'failed'],
])('%s %j is at %i ms %s', (_name, changes, nowMs, delivery) => {
  expect(deliveryAt({ ...waiting, ...changes }, nowMs)).toBe(delivery)
})
