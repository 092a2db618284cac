import type { Pulse } from '@holdfast/page-data/dev'
import { expect, test } from 'vitest'
import { Watch } from '../src/dev/watch.svelte.ts'

const pulse = (entry: number, pid = 1): Pulse => ({
  server: { pid, startedAt: '2026-01-01T00:00:00.000Z' },
  entry,
  mail: '0 0',
})

/** A watch of a server that gives these pulses, one at each look; `canRead` says whether news can be read. */
function watching(pulses: (Pulse | undefined)[], canRead: () => boolean = () => true) {
  const left = [...pulses]
  let reads = 0
  const watch = new Watch({ pulse: async () => left.shift() }, async () => {
    reads += 1
    return canRead()
  })
  return { watch, reads: () => reads }
}

test('what is shown is read at the first look, and again only when something is new', async () => {
  const { watch, reads } = watching([pulse(1), pulse(1), pulse(2), pulse(2, 7)])

  const counts: number[] = []
  for (let look = 0; look < 4; look += 1) {
    await watch.look()
    counts.push(reads())
  }

  expect(counts).toEqual([1, 1, 2, 3])
  expect(watch.pulse?.server.pid).toBe(7)
})

test('a server that does not answer is away, and is back with its next answer', async () => {
  const { watch, reads } = watching([pulse(1), undefined, pulse(1)])
  await watch.look()

  await watch.look()
  expect(watch.isAway).toBe(true)
  await watch.look()

  expect(watch.isAway).toBe(false)
  expect(reads()).toBe(1)
})

test('news that could not be read are read at the next look', async () => {
  let canRead = false
  const { watch, reads } = watching([pulse(1), pulse(1), pulse(1)], () => canRead)

  await watch.look()
  expect(watch.pulse).toBeNull()
  canRead = true
  await watch.look()
  await watch.look()

  expect(reads()).toBe(2)
  expect(watch.pulse?.entry).toBe(1)
})
