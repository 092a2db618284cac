import { createHmac, randomInt } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

/** Issues a code of `length` digits, leading zeros kept, every one equally likely. (ASVS 6.5.3, 6.5.4) */
export function issueCode(length: number, random: (below: number) => number = randomInt): string {
  return String(random(10 ** length)).padStart(length, '0')
}

/**
 * What a person typed or pasted, as a code: full-width digits folded to ASCII, spaces and dashes removed.
 * `undefined` when that does not leave exactly `length` digits.
 */
export function parseCode(input: string, length: number): string | undefined {
  const digits = input.normalize('NFKC').replace(/[\s\p{Dash}]/gu, '')
  return digits.length === length && /^[0-9]+$/.test(digits) ? digits : undefined
}

/**
 * The only form in which a code is stored for comparison. Six digits hashed without a key are found again
 * in milliseconds, so the key is what protects them; the verification and the address bind the code to the
 * request it was made for. (ASVS 6.5.2, 6.6.2)
 */
export function codeMac(
  ring: KeyRing,
  kid: string,
  about: { verificationId: string; email: string; code: string },
): string {
  return createHmac('sha256', ring.subKey(kid, 'code'))
    .update(`${about.verificationId}|${about.email}|${about.code}`)
    .digest('base64url')
}
