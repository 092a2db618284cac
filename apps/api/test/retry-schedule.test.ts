import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mostDelayMs, mostDelayUnansweredMs, nextTryAtMs } from '../src/mail/retry-schedule.ts'

const lifeMs = 600_000
const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const failed = fc.record({
  tries: fc.integer({ min: 1, max: 100 }),
  nowMs: fc.integer({ min: 0, max: lifeMs - 1 }),
})

/** The times of all tries that follow when each of them fails at once. */
function triesOf(random: () => number, expiresAtMs = lifeMs): number[] {
  const times = [0]
  for (;;) {
    const nowMs = times.at(-1) ?? 0
    const nextMs = nextTryAtMs({ tries: times.length, nowMs, expiresAtMs }, random)
    if (nextMs >= expiresAtMs) return times
    times.push(nextMs)
  }
}

test('without chance the wait doubles from 2 s up to 64 s', () => {
  const times = triesOf(() => 0)
  const waits = times.slice(1, 9).map((time, index) => (time - (times[index] ?? 0)) / 1000)

  expect(waits).toEqual([2, 4, 8, 16, 32, 64, 64, 64])
})

test('a wait is at least half of the one without chance and at most the whole of it', () => {
  fc.assert(
    fc.property(failed, chance, ({ tries, nowMs }, random) => {
      const far = { tries, nowMs, expiresAtMs: nowMs + 10 * lifeMs }
      const whole = nextTryAtMs(far, () => 0) - nowMs
      const wait = nextTryAtMs(far, () => random) - nowMs

      expect(wait).toBeGreaterThanOrEqual(whole / 2)
      expect(wait).toBeLessThanOrEqual(whole)
      expect(whole).toBeLessThanOrEqual(mostDelayMs)
    }),
  )
})

test('no try comes at once, and none after the end of the code', () => {
  fc.assert(
    fc.property(failed, chance, ({ tries, nowMs }, random) => {
      const next = nextTryAtMs({ tries, nowMs, expiresAtMs: lifeMs }, () => random)

      expect(next).toBeLessThanOrEqual(lifeMs)
      if (next < lifeMs) expect(next - nowMs).toBeGreaterThanOrEqual(1_000)
    }),
  )
})

test('a code is tried to the last seconds of its life, and not often', () => {
  fc.assert(
    fc.property(fc.infiniteStream(chance), fc.integer({ min: 10_000, max: lifeMs }), (chances, endMs) => {
      const times = triesOf(() => chances.next().value ?? 0, endMs)

      expect(times.at(-1)).toBeGreaterThanOrEqual(endMs - 5_000)
      expect(times.length).toBeLessThanOrEqual(30)
    }),
  )
})

test('a server that is silent to each whole mail for ten seconds gets three to six copies in the life of a code', () => {
  fc.assert(
    fc.property(fc.infiniteStream(chance), (chances) => {
      let nowMs = 0
      let copies = 0
      while (nowMs < lifeMs) {
        copies += 1
        const failed = { tries: copies, nowMs: nowMs + 10_000, expiresAtMs: lifeMs, isUnanswered: true }
        nowMs = nextTryAtMs(failed, () => chances.next().value ?? 0)
        expect(nowMs - failed.nowMs).toBeLessThanOrEqual(mostDelayUnansweredMs)
      }
      expect(copies).toBeGreaterThanOrEqual(3)
      expect(copies).toBeLessThanOrEqual(6)
    }),
  )
})

test('mails that failed together come back spread over half of their wait', () => {
  const waits = Array.from({ length: 1_000 }, (_, index) =>
    nextTryAtMs({ tries: 6, nowMs: 0, expiresAtMs: 10 * lifeMs }, () => index / 1_000),
  )

  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(64_000 * 0.49)
  expect(new Set(waits).size).toBe(1_000)
})
