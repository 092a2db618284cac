import { expect, test } from 'vitest'
import { randomBytes } from '../src/random-bytes.ts'

test('randomBytes gives as many bytes as asked for, over the end of its page too', () => {
  for (let size = 0; size <= 100; size++) expect(randomBytes(size)).toHaveLength(size)
  expect(randomBytes(4096)).toHaveLength(4096)
})

test('randomBytes never hands out the same bytes twice', () => {
  const seen = new Set<string>()
  for (let round = 0; round < 20_000; round++) seen.add(randomBytes(12).toString('hex'))
  expect(seen.size).toBe(20_000)
})

test('randomBytes never hands out bytes that a later call changes', () => {
  const first = randomBytes(32)
  const copy = Buffer.from(first)
  for (let round = 0; round < 1_000; round++) randomBytes(32)
  expect(first.equals(copy)).toBe(true)
  expect(first.equals(Buffer.alloc(32))).toBe(false)
})

test('randomBytes uses every value of a byte about equally often', () => {
  const counts = new Array<number>(256).fill(0)
  for (let round = 0; round < 5_000; round++)
    for (const byte of randomBytes(100)) counts[byte] = (counts[byte] ?? 0) + 1
  const expected = (5_000 * 100) / 256
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  // 255 degrees of freedom: beyond 400 once in 10^8 runs.
  expect(chiSquare).toBeLessThan(400)
})

test('randomBytes refuses more than a page', () => {
  expect(() => randomBytes(4097)).toThrow(RangeError)
})
