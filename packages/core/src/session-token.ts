import { createHmac, timingSafeEqual } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'
import { randomBytes } from './random-bytes.ts'

/** What `verifySessionToken` found: the session id it names, or why it names none. */
export type SessionTokenCheck =
  | { ok: true; sessionId: string; kid: string }
  | { ok: false; reason: 'cookie_malformed' }
  | { ok: false; reason: 'key_unknown' | 'key_revoked' | 'signature_invalid'; kid: string }

const generationLength = 8
const tokenPattern = /^v1\.([a-z2-7]{8})\.([\w-]{51})\.([\w-]{43})$/

/**
 * A new session id: 8 characters that name the store generation it belongs to, then 256 random bits
 * (ASVS 7.2.3 asks for 128). Base64url, 51 characters.
 */
export function createSessionId(
  generation: string,
  random: (size: number) => Uint8Array = randomBytes,
): string {
  return generation + Buffer.from(random(32)).toString('base64url')
}

/** The store generation that a session id belongs to, so that a replaced store can be told from a lost row. */
export function generationOf(sessionId: string): string {
  return sessionId.slice(0, generationLength)
}

/** Names a new store: 48 random bits, 8 characters of base64url. */
export function createGeneration(random: (size: number) => Uint8Array = randomBytes): string {
  return Buffer.from(random(6)).toString('base64url')
}

/** The signed name of a session, for the cookie or the bearer token: `v1.<kid>.<id>.<mac>`. */
export function signSessionToken(ring: KeyRing, sessionId: string): string {
  const kid = ring.signingKid
  return `v1.${kid}.${sessionId}.${mac(ring, kid, sessionId)}`
}

/** Checks a token without touching the store. The kid selects the key; no other key is tried. */
export function verifySessionToken(ring: KeyRing, token: string): SessionTokenCheck {
  const [, kid, sessionId, claimed] = tokenPattern.exec(token) ?? []
  if (kid === undefined || sessionId === undefined || claimed === undefined) {
    return { ok: false, reason: 'cookie_malformed' }
  }
  if (!ring.has(kid)) return { ok: false, reason: ring.whyMissing(kid), kid }
  // Compared as text: base64url of 32 bytes has spare bits, and only the canonical spelling is ours.
  const isOurs = timingSafeEqual(Buffer.from(claimed), Buffer.from(mac(ring, kid, sessionId)))
  if (!isOurs) return { ok: false, reason: 'signature_invalid', kid }
  return { ok: true, sessionId, kid }
}

function mac(ring: KeyRing, kid: string, sessionId: string): string {
  return createHmac('sha256', ring.subKey(kid, 'session-token'))
    .update(`v1.${kid}.${sessionId}`)
    .digest('base64url')
}
