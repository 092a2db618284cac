import { expect, test } from 'vitest'
import { nextLookInMs } from '../src/next-look.ts'
import { codeSentView, signedInView } from './code-sent-view.ts'

test.each([
  ['queued', 1000],
  ['delayed', 15_000],
  ['sent', null],
  ['failed', null],
  ['unknown', 15_000],
] as const)('while the mail is %s the next look is in %s ms', (delivery, wait) => {
  expect(nextLookInMs(codeSentView({ delivery }), 0)).toBe(wait)
})

test('while a mail stays queued the page looks less and less often', () => {
  const queued = codeSentView({ delivery: 'queued' })
  expect([0, 1, 2, 50].map((looks) => nextLookInMs(queued, looks))).toEqual([1000, 1500, 2250, 15_000])
})

test('nothing is awaited on the other steps', () => {
  expect(nextLookInMs(null, 0)).toBeNull()
  expect(nextLookInMs({ state: 'anonymous' }, 0)).toBeNull()
  expect(nextLookInMs(signedInView, 0)).toBeNull()
})
