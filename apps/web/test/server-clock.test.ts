import { expect, test } from 'vitest'
import { createServerClock } from '../src/server-clock.ts'

test('before the first answer the clock gives the time of the machine', () => {
  expect(
    createServerClock(
      () => 50,
      () => 1000,
    ).nowMs(),
  ).toBe(1000)
})

test('after an answer the clock runs on from the server, whatever the machine is set to', () => {
  let elapsedMs = 50
  const clock = createServerClock(
    () => elapsedMs,
    () => 1000,
  )
  clock.hear(90_000_000)
  elapsedMs += 2500
  expect(clock.nowMs()).toBe(90_002_500)
})

test('each answer sets the clock anew, for machines that slept in between', () => {
  let elapsedMs = 0
  const clock = createServerClock(() => elapsedMs)
  clock.hear(1_000_000)
  elapsedMs += 10
  clock.hear(9_000_000)
  expect(clock.nowMs()).toBe(9_000_000)
})
