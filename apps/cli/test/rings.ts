import { createKeyRingRecord, type Key, type KeyRingRecord, rotateKeys } from '@holdfast/core'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** A ring that was made `agesMs[0]` ago and rotated at each further age: the last key signs. */
export function ringOfAges(...agesMs: readonly number[]): KeyRingRecord {
  const nowMs = Date.now()
  const [madeMs = 0, ...rotatedMs] = agesMs.map((ageMs) => nowMs - ageMs)
  return rotatedMs.reduce(
    (ring, atMs) => rotateKeys(ring, { nowMs: atMs, signsFromMs: atMs }),
    createKeyRingRecord(madeMs),
  )
}

/** The key of the ring at `index`, oldest first. */
export function keyAt({ keys }: KeyRingRecord, index: number): Key {
  const key = keys.at(index)
  if (key === undefined) throw new Error(`expected a key at ${index}`)
  return key
}
