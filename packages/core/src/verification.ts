import { timingSafeEqual } from 'node:crypto'
import type { Reason } from './reason.ts'

/** What deciding about a verification needs of its record. Times in milliseconds since the epoch. */
export interface VerificationRecord {
  state: 'pending' | 'verified' | 'cancelled'
  attempts: number
  maxAttempts: number
  expiresAtMs: number
  verifiedAtMs: number | null
}

/** For so long a lost answer can be asked for again with the same code. */
export const repeatableForMs = 60_000

export type VerificationReason = Extract<Reason, `verification_${string}`>

/** Why a verification takes no more guesses at `nowMs`, or `undefined` while it does. */
export function refusalOf(verification: VerificationRecord, nowMs: number): VerificationReason | undefined {
  if (verification.state === 'cancelled') return 'verification_cancelled'
  if (verification.state === 'verified') return 'verification_used'
  if (verification.attempts >= verification.maxAttempts) return 'verification_exhausted'
  if (verification.expiresAtMs <= nowMs) return 'verification_expired'
  return undefined
}

/** Whether a verification that succeeded still answers the same code with the same sign-in. */
export function isRepeatable(verification: VerificationRecord, nowMs: number): boolean {
  return (
    verification.state === 'verified' &&
    verification.verifiedAtMs !== null &&
    nowMs - verification.verifiedAtMs < repeatableForMs
  )
}

/** Compares two MACs of equal length in constant time; different lengths never match. (ASVS 11.2.4) */
export function isSameMac(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
