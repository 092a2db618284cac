import { expect, test } from 'vitest'
import { replyCodes } from '../src/reply-codes.ts'

test.each([
  ['535 5.7.8 bad canary-pw', '535 5.7.8'],
  ['535-5.7.8 bad\n535 5.7.8 canary-pw', '535 5.7.8'],
  ['535 canary-pw', '535'],
  ['535', '535'],
  ['334 VXNlcm5hbWU6', '334'],
  ['535 5.7.8.9 is no status code', '535'],
  ['535 5.7.8canary-pw', '535'],
  ['535canary-pw', 'no reply code'],
  ['canary-pw', 'no reply code'],
  ['', 'no reply code'],
])('of %j is kept %j', (reply, codes) => {
  expect(replyCodes(reply)).toBe(codes)
})

test('of no reply at all it says so', () => {
  expect(replyCodes()).toBe('no reply code')
})
