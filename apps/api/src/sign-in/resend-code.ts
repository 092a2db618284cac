import { refusalOf } from '@holdfast/core'
import { db, type VerificationRow } from '../store/tables.ts'
import { findVerification } from './find-verification.ts'
import { ledgerEntry } from './ledger.ts'
import { createCodeRow } from './send-code.ts'
import { countSend } from './send-limits.ts'
import type { SignInContext } from './sign-in-context.ts'

export type ResendOutcome =
  | { ok: true; verification: VerificationRow }
  | { ok: false; code: 'rate_limited'; retryAfterInSeconds: number; reference: string }
  | { ok: false; code: 'too_many_attempts'; reference: string }
  | { ok: false; code: 'code_expired'; reference: string }
  | {
      ok: false
      code: 'verification_session_not_found'
      reason: 'never_started' | 'key_unknown' | 'key_revoked' | 'verification_used' | 'verification_cancelled'
    }

/**
 * Sends a new code for the session's verification. Earlier codes stay good until they expire, and no try
 * is given back. A verification whose codes have all expired takes a new one: the person has only been slow.
 */
export async function resendCode(
  context: SignInContext,
  sessionKey: string,
  clientNetwork: string,
): Promise<ResendOutcome> {
  const { store, policy } = context
  const nowMs = context.clock()
  const found = await findVerification(store, sessionKey)
  if (found === undefined) return notFound('never_started')
  const { reference } = found
  const refusal = refusalOf(found, nowMs)
  if (refusal === 'verification_cancelled' || refusal === 'verification_used') return notFound(refusal)
  if (!context.keyRing().has(found.kid)) return notFound(context.keyRing().whyMissing(found.kid))
  if (refusal === 'verification_exhausted') {
    return { ok: false, code: 'too_many_attempts', reference }
  }
  const isLastCode = found.sends >= policy.maxSends
  // After the last code only starting over helps, and not before that code has had its time.
  if (isLastCode && refusal === 'verification_expired') return { ok: false, code: 'code_expired', reference }
  const waitMs = isLastCode ? found.expiresAtMs - nowMs : found.resendAtMs - nowMs
  if (waitMs > 0) return tooSoon(waitMs, reference)
  const limited = await countSend(context, found.email, clientNetwork)
  if (limited !== undefined) return { ok: false, code: 'rate_limited', ...limited, reference }

  const next: VerificationRow = {
    ...found,
    sends: found.sends + 1,
    sentAtMs: nowMs,
    resendAtMs: nowMs + policy.resendAfterMs,
    expiresAtMs: nowMs + policy.codeLifetimeMs,
  }
  // Of two resends at once only one finds the count it read; the other's code is dropped by its number.
  const [updated] = await store.write(
    db
      .updateTable('verifications')
      .set({
        sends: next.sends,
        sentAtMs: next.sentAtMs,
        resendAtMs: next.resendAtMs,
        expiresAtMs: next.expiresAtMs,
      })
      .where('id', '=', found.id)
      .where('state', '=', 'pending')
      .where('sends', '=', found.sends)
      .returning('id'),
    db
      .insertInto('codes')
      .values(createCodeRow(context, next))
      .onConflict((conflict) => conflict.columns(['verificationId', 'number']).doNothing()),
    ledgerEntry({ atMs: nowMs, event: 'code_asked_again', verificationId: found.id }),
  )
  if (updated.length === 0) return tooSoon(policy.resendAfterMs, reference)
  context.wakeOutbox()
  return { ok: true, verification: next }
}

function tooSoon(waitMs: number, reference: string): ResendOutcome {
  const retryAfterInSeconds = Math.max(1, Math.ceil(waitMs / 1000))
  return { ok: false, code: 'rate_limited', retryAfterInSeconds, reference }
}

function notFound(
  reason: Extract<ResendOutcome, { code: 'verification_session_not_found' }>['reason'],
): ResendOutcome {
  return { ok: false, code: 'verification_session_not_found', reason }
}
