import { readableBase32 } from './base32.ts'
import { randomBytes } from './random-bytes.ts'

/** A short id without secrets that a person can read to support: `HF-7K3M-9QXP`, 40 random bits. */
export function createReference(random: (size: number) => Uint8Array = randomBytes): string {
  const text = readableBase32(random(5))
  return `HF-${text.slice(0, 4)}-${text.slice(4)}`
}

const mistaken: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1' }

/**
 * A reference as a person read it out or pasted it: in any case, with or without `HF`, dashes and spaces, and with
 * the letters that Crockford's alphabet leaves out because they are mistaken for digits. `undefined` for any other text.
 */
export function parseReference(text: string): string | undefined {
  const letters = text
    .toUpperCase()
    .replace(/[\s\-\u2010-\u2015_.]/g, '')
    .replace(/[OIL]/g, (letter) => mistaken[letter] ?? letter)
  const [, first, second] = /^(?:HF)?([0-9A-HJKMNP-TV-Z]{4})([0-9A-HJKMNP-TV-Z]{4})$/.exec(letters) ?? []
  return first === undefined ? undefined : `HF-${first}-${second}`
}
