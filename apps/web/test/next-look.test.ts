import type { Problem } from '@holdfast/client'
import { expect, test } from 'vitest'
import { nextLookInMs } from '../src/next-look.ts'
import { codeSentView, signedInView } from './code-sent-view.ts'

const outage: Problem = { code: 'unreachable', cause: 'network', detail: '' }

test('after an outage the page looks soon, then less often, but never gives up', () => {
  const waits = [0, 1, 2, 50].map((looks) => nextLookInMs(signedInView, outage, looks))
  expect(waits).toEqual([1000, 1500, 2250, 15_000])
})

test('a Retry-After is kept, up to half a minute', () => {
  expect(nextLookInMs(null, { ...outage, retryAfterInSeconds: 4 }, 0)).toBe(4000)
  expect(nextLookInMs(null, { ...outage, retryAfterInSeconds: 3600 }, 0)).toBe(30_000)
})

test.each([
  ['queued', 1000],
  ['delayed', 15_000],
  ['sent', null],
  ['failed', null],
  ['unknown', null],
] as const)('while the mail is %s the next look is in %s ms', (delivery, wait) => {
  expect(nextLookInMs(codeSentView({ delivery }), null, 0)).toBe(wait)
})

test('nothing is awaited on the other steps', () => {
  expect(nextLookInMs({ state: 'anonymous' }, null, 0)).toBeNull()
  expect(nextLookInMs(signedInView, null, 0)).toBeNull()
})
