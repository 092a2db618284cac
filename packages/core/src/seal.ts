import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { KeyPurpose, KeyRing } from './key-ring.ts'
import { randomBytes } from './random-bytes.ts'

export type Opened =
  | { ok: true; text: string }
  | { ok: false; reason: 'malformed' | 'tampered' }
  | { ok: false; reason: 'key_unknown' | 'key_revoked'; kid: string }

const nonceBytes = 12
const tagBytes = 16
const sealPattern = /^v1\.([a-z2-7]{8})\.([\w-]+)$/

/**
 * Encrypts and authenticates text: `v1.<kid>.<nonce|ciphertext|tag>`, AES-256-GCM (NIST SP 800-38D) under
 * the signing key's sub-key. `context` is authenticated but not stored: a seal made for one row does not
 * open in another. With random nonces one key is good for 2^32 seals.
 */
export function seal(
  ring: KeyRing,
  purpose: KeyPurpose,
  context: string,
  text: string,
  random: (size: number) => Uint8Array = randomBytes,
): string {
  const kid = ring.signingKid
  const nonce = random(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', ring.subKey(kid, purpose), nonce)
  cipher.setAAD(Buffer.from(context))
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `v1.${kid}.${sealed.toString('base64url')}`
}

/** Opens what `seal` made for the same purpose and context, and says why where it cannot. */
export function open(ring: KeyRing, purpose: KeyPurpose, context: string, sealed: string): Opened {
  const [, kid, body] = sealPattern.exec(sealed) ?? []
  if (kid === undefined || body === undefined) return { ok: false, reason: 'malformed' }
  if (!ring.has(kid)) return { ok: false, reason: ring.whyMissing(kid), kid }
  const bytes = Buffer.from(body, 'base64url')
  if (bytes.length < nonceBytes + tagBytes) return { ok: false, reason: 'malformed' }
  const decipher = createDecipheriv('aes-256-gcm', ring.subKey(kid, purpose), bytes.subarray(0, nonceBytes))
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
    return { ok: true, text: text.toString('utf8') }
  } catch {
    return { ok: false, reason: 'tampered' }
  }
}
