import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backOffInMs } from '../src/back-off.ts'
import type { Problem } from '../src/problem.ts'

const outage: Problem = { code: 'unreachable', cause: 'network', detail: '' }

test('the waits double, up to ten seconds', () => {
  const waits = [1, 2, 3, 4, 5, 6, 50].map((attempts) => backOffInMs(attempts, outage, () => 0))
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

test('chance takes up to half of a wait away, and a Retry-After is waited for before it', () => {
  const attempts = fc.integer({ min: 1, max: 2000 })
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(attempts, chance, fc.nat(3600), (made, random, retryAfterInSeconds) => {
      const longest = backOffInMs(made, outage, () => 0)
      const wait = backOffInMs(made, { ...outage, retryAfterInSeconds }, () => random)
      expect(wait - retryAfterInSeconds * 1000).toBeGreaterThanOrEqual(longest / 2 - 1e-6)
      expect(wait - retryAfterInSeconds * 1000).toBeLessThanOrEqual(longest + 1e-6)
    }),
  )
})
