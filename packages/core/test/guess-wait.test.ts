import fc from 'fast-check'
import { expect, test } from 'vitest'
import { guessWaitMs } from '../src/guess-wait.ts'

const minuteMs = 60_000

test.each([
  [0, 1],
  [1, 2],
  [2, 4],
  [5, 32],
  [10, 1_024],
  [11, 1_440],
  [12, 1_440],
  [1_000_000, 1_440],
])('after %i chances beyond the budget the wait is %i minutes', (beyond, minutes) => {
  expect(guessWaitMs(beyond)).toBe(minutes * minuteMs)
})

test('a wait is whole milliseconds, a minute at least and a day at most, and never shorter than the one before', () => {
  fc.assert(
    fc.property(fc.nat(), (beyond) => {
      const waitMs = guessWaitMs(beyond)
      expect(Number.isInteger(waitMs)).toBe(true)
      expect(waitMs).toBeGreaterThanOrEqual(minuteMs)
      expect(waitMs).toBeLessThanOrEqual(24 * 60 * minuteMs)
      expect(guessWaitMs(beyond + 1)).toBeGreaterThanOrEqual(waitMs)
    }),
  )
})

test('a day of waiting allows ten chances beyond the budget', () => {
  let chances = 0
  for (let waitedMs = 0; waitedMs + guessWaitMs(chances) < 24 * 60 * minuteMs; chances++) {
    waitedMs += guessWaitMs(chances)
  }
  expect(chances).toBe(10)
})
