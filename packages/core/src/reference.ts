import { readableBase32 } from './base32.ts'
import { randomBytes } from './random-bytes.ts'

/** A short id without secrets that a person can read to support: `HF-7K3M-9QXP`, 40 random bits. */
export function createReference(random: (size: number) => Uint8Array = randomBytes): string {
  const text = readableBase32(random(5))
  return `HF-${text.slice(0, 4)}-${text.slice(4)}`
}
