import { createHmac, randomBytes } from 'node:crypto'
import { base32 } from './base32.ts'

export type KeyState = 'staged' | 'active' | 'retired' | 'revoked'

/** One secret key. Times are milliseconds since the epoch; `null` means "no end is set". */
export interface Key {
  kid: string
  secret: Uint8Array
  state: KeyState
  createdAtMs: number
  signsFromMs: number
  signsUntilMs: number | null
  verifiesUntilMs: number | null
}

/** Makes a new active key of 32 random bytes that signs from `nowMs` on. */
export function createKey(nowMs: number, random: (size: number) => Uint8Array = randomBytes): Key {
  return activeKey(random(32), nowMs)
}

/** A key that was made elsewhere (an environment variable, an older app) and signs from `signsFromMs` on. */
export function activeKey(secret: Uint8Array, signsFromMs: number): Key {
  return {
    kid: deriveKid(secret),
    secret,
    state: 'active',
    createdAtMs: signsFromMs,
    signsFromMs,
    signsUntilMs: null,
    verifiesUntilMs: null,
  }
}

/**
 * The key id: 8 base32 letters from a one-way function of the secret. The same secret has the same id in
 * a file, an environment variable or a KMS, so a key can be moved between sources and what it signed
 * still names it. See docs/decisions/0002-key-ids-are-derived.md.
 */
export function deriveKid(secret: Uint8Array): string {
  return base32(createHmac('sha256', secret).update('holdfast/v1/kid').digest())
}
