import { createHmac, randomBytes } from 'node:crypto'
import { base32 } from './base32.ts'

/**
 * What a key may do. A staged key verifies and signs once its time has come; an active one signs until a
 * newer one does; a retired one only verifies, until its end; a revoked one does nothing ever again.
 */
export type KeyState = 'staged' | 'active' | 'retired' | 'revoked'

/** One secret key. Times are milliseconds since the epoch; `null` means "not known" or "no end is set". */
export interface Key {
  kid: string
  /** `null` once the key has nothing more to do: its entry stays to say what became of it. */
  secret: Uint8Array | null
  state: KeyState
  createdAtMs: number | null
  signsFromMs: number
  signsUntilMs: number | null
  verifiesUntilMs: number | null
}

/** Makes a new active key of 32 random bytes that signs from `nowMs` on. */
export function createKey(nowMs: number, random: (size: number) => Uint8Array = randomBytes): Key {
  return { ...activeKey(random(32)), createdAtMs: nowMs, signsFromMs: nowMs }
}

/** A key that was made elsewhere (an environment variable, an older app): it has signed all along. */
export function activeKey(secret: Uint8Array): Key {
  return {
    kid: deriveKid(secret),
    secret,
    state: 'active',
    createdAtMs: null,
    signsFromMs: 0,
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
