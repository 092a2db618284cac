import { randomFillSync } from 'node:crypto'

const pool = Buffer.alloc(4096)
let taken = pool.length

/**
 * Random bytes for ids and nonces, `size` of them, at most 4096. Drawn from the system's CSPRNG in pages,
 * since a call for each dozen bytes costs more than what is done with them; handed out once and wiped.
 * Keys are drawn directly.
 */
export function randomBytes(size: number): Buffer {
  if (size > pool.length) throw new RangeError(`expected at most ${pool.length} bytes, got ${size}`)
  if (taken + size > pool.length) {
    randomFillSync(pool)
    taken = 0
  }
  const bytes = Buffer.from(pool.subarray(taken, taken + size))
  pool.fill(0, taken, taken + size)
  taken += size
  return bytes
}
