import { expect, test } from 'vitest'
import { ClockSteadiness } from '../src/clock-steadiness.ts'

function startedAt(nowMs: number) {
  const time = { nowMs, upMs: 1_000 }
  const steadiness = new ClockSteadiness(
    () => time.nowMs,
    () => time.upMs,
  )
  return { time, steadiness }
}

test('a clock that goes as time goes is steady since the beginning', () => {
  const { time, steadiness } = startedAt(5_000_000)
  for (let second = 1; second <= 3; second++) {
    time.upMs += 1_000
    time.nowMs += 1_000
    expect(steadiness.lastsMs()).toBe(second * 1_000)
  }
})

test.each([3_600_000, -3_600_000, 6_000, -6_000])(
  'a jump by %i ms begins the time anew, and so does the way back',
  (jumpMs) => {
    const { time, steadiness } = startedAt(5_000_000)
    time.upMs += 60_000
    time.nowMs += 60_000 + jumpMs
    expect(steadiness.lastsMs()).toBe(0)
    time.upMs += 10_000
    time.nowMs += 10_000
    expect(steadiness.lastsMs()).toBe(10_000)
    time.nowMs -= jumpMs
    expect(steadiness.lastsMs()).toBe(0)
  },
)

test('a time server that sets the clock by a second or two does not count as a jump', () => {
  const { time, steadiness } = startedAt(5_000_000)
  time.upMs += 10_000
  time.nowMs += 12_000
  expect(steadiness.lastsMs()).toBe(10_000)
})
