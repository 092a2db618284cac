import { expect, test } from 'vitest'
import { formatCountdown, formatWait, secondsUntil } from '../src/countdown.ts'

const resendAt = '2026-01-01T00:00:30.000Z'
const resendAtMs = Date.parse(resendAt)

test.each([
  [30_000, 30],
  [30_999, 30],
  [29_001, 29],
  [1, 1],
  [0, 0],
  [-5000, 0],
])('%i ms before the time are %i seconds', (beforeInMs, seconds) => {
  expect(secondsUntil(resendAt, resendAtMs - beforeInMs)).toBe(seconds)
})

test.each([
  [0, '0:00'],
  [9, '0:09'],
  [60, '1:00'],
  [725, '12:05'],
])('formatCountdown writes %i as %s', (seconds, text) => {
  expect(formatCountdown(seconds)).toBe(text)
})

test.each([
  [0, 'in 1 second'],
  [1, 'in 1 second'],
  [24, 'in 24 seconds'],
  [60, 'in 1 minute'],
  [61, 'in 2 minutes'],
  [5400, 'in 90 minutes'],
  [5401, 'in 2 hours'],
  [86_400, 'in 24 hours'],
])('formatWait writes %i seconds as %s, never too short', (seconds, text) => {
  expect(formatWait(seconds, 'en')).toBe(text)
})
