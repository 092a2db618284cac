import { type Reason, refusalOf } from '@holdfast/core'
import { type CodeRow, db, prepared, type VerificationRow } from '@holdfast/store'
import { findVerification } from './find-verification.ts'
import type { Refusal } from './refusal.ts'
import { createCodeRow } from './send-code.ts'
import { countSend } from './send-limits.ts'
import type { SignInContext } from './sign-in-context.ts'

export type ResendOutcome = { ok: true; verification: VerificationRow } | ({ ok: false } & Refusal)

const takeSend = prepared((values: VerificationRow & { previousSends: number }) =>
  db
    .updateTable('verifications')
    .set({
      sends: values.sends,
      sentAtMs: values.sentAtMs,
      resendAtMs: values.resendAtMs,
      expiresAtMs: values.expiresAtMs,
    })
    .where('id', '=', values.id)
    .where('state', '=', 'pending')
    .where('sends', '=', values.previousSends)
    .returning('id'),
)

/** Only the resend that took the send has its code stored and mailed; of two, the number lets one through. */
const insertResentCode = prepared((row: CodeRow) =>
  db
    .insertInto('codes')
    .columns([
      'verificationId',
      'number',
      'mac',
      'email',
      'sealed',
      'expiresAtMs',
      'delivery',
      'tries',
      'dueAtMs',
    ])
    .expression(
      resent(row.verificationId, row.number, row.dueAtMs).select(({ val, ref }) => [
        ref('verifications.id').as('verificationId'),
        val(row.number).as('number'),
        val(row.mac).as('mac'),
        ref('verifications.email').as('email'),
        val(row.sealed).as('sealed'),
        val(row.expiresAtMs).as('expiresAtMs'),
        val(row.delivery).as('delivery'),
        val(row.tries).as('tries'),
        val(row.dueAtMs).as('dueAtMs'),
      ]),
    )
    .onConflict((conflict) => conflict.doNothing()),
)

const recordResent = prepared((values: { id: string; sends: number; sentAtMs: number; detail: string }) =>
  db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'kid', 'detail'])
    .expression(
      resent(values.id, values.sends, values.sentAtMs).select(({ val, ref }) => [
        val(values.sentAtMs).as('atMs'),
        val('code_asked_again').as('event'),
        ref('verifications.id').as('verificationId'),
        ref('verifications.kid').as('kid'),
        val(values.detail).as('detail'),
      ]),
    ),
)

function resent(verificationId: string, sends: number, sentAtMs: number) {
  return db
    .selectFrom('verifications')
    .where('verifications.id', '=', verificationId)
    .where('verifications.state', '=', 'pending')
    .where('verifications.sends', '=', sends)
    .where('verifications.sentAtMs', '=', sentAtMs)
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
  if (refusal === 'verification_cancelled' || refusal === 'verification_used')
    return notFound(refusal, reference)
  const ring = await context.keyRingKnowing(found.kid)
  if (!ring.has(found.kid)) return notFound(ring.whyMissing(found.kid), reference)
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
  // A reload may have revoked the key while the send was counted.
  const current = context.keyRing()
  if (!current.has(found.kid)) return notFound(current.whyMissing(found.kid), reference)

  const next: VerificationRow = {
    ...found,
    sends: found.sends + 1,
    sentAtMs: nowMs,
    resendAtMs: nowMs + policy.resendAfterMs,
    expiresAtMs: nowMs + policy.codeLifetimeMs,
  }
  const [updated] = await store.write(
    takeSend({ ...next, previousSends: found.sends }),
    insertResentCode(createCodeRow(context, next)),
    recordResent({
      id: found.id,
      sends: next.sends,
      sentAtMs: nowMs,
      detail: JSON.stringify({ number: next.sends }),
    }),
  )
  // Another resend was first, or the verification ended in between.
  if (updated.length === 0) return tooSoon(policy.resendAfterMs, reference)
  context.wakeOutbox()
  return { ok: true, verification: next }
}

function tooSoon(waitMs: number, reference: string): ResendOutcome {
  const retryAfterInSeconds = Math.max(1, Math.ceil(waitMs / 1000))
  return { ok: false, code: 'rate_limited', retryAfterInSeconds, reference }
}

function notFound(reason: Reason, reference?: string): ResendOutcome {
  const code = 'verification_session_not_found'
  return reference === undefined ? { ok: false, code, reason } : { ok: false, code, reason, reference }
}
