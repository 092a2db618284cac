import { createHash, createHmac, hash } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

/**
 * The ids that a verified code leads to. They are a keyed function of the verification, so a step that is
 * repeated after a crash or a lost answer finds what it made before and changes nothing.
 */
export function signInIdFor(ring: KeyRing, kid: string, verificationId: string): string {
  return derive(ring, kid, `sign-in|${verificationId}`).subarray(0, 16).toString('base64url')
}

/** The id of the session that replaces the verification's own at sign-in. (ASVS 7.2.4) */
export function signedInSessionIdFor(
  ring: KeyRing,
  kid: string,
  verificationId: string,
  generation: string,
): string {
  return generation + derive(ring, kid, `session|${verificationId}`).toString('base64url')
}

/**
 * A hash of a request's Idempotency-Key and body: the same key with another body is another request.
 * (draft-ietf-httpapi-idempotency-key-header-07)
 */
export function requestNameOf(idempotencyKey: string, body: Uint8Array): string {
  return createHash('sha256').update(`${idempotencyKey}|`).update(body).digest('base64url')
}

/** The id of the session that such a request begins: repeated, it begins no other. */
export function begunSessionIdFor(requestName: string, generation: string): string {
  return generation + hash('sha256', `begun-session|${requestName}`, 'base64url')
}

/** How a session is named at rest: a stolen store holds no usable session id. */
export function sessionKeyOf(sessionId: string): string {
  return hash('sha256', sessionId, 'base64url')
}

function derive(ring: KeyRing, kid: string, what: string): Buffer {
  return createHmac('sha256', ring.subKey(kid, 'derived-id')).update(what).digest()
}
