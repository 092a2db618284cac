import { type Reason, refusalOf } from '@holdfast/core'
import type { Language } from '@holdfast/messages'
import { type CodeRow, createRecordId, db, prepared, type VerificationRow } from '@holdfast/store'
import type { AskOutcome } from './ask-once.ts'
import { findVerification } from './find-verification.ts'
import { secondsUntil } from './limit-window.ts'
import type { RateLimit } from './rate-limit.ts'
import { createCodeRow } from './send-code.ts'
import { countSend, giveBackDuplicate, giveBackSend } from './send-limits.ts'
import type { Policy, SignInContext } from './sign-in-context.ts'

export interface ResendRequest {
  sessionKey: string
  clientNetwork: string
  /** Without one, the mails go on in the language that they had. */
  language?: Language | null
  /** As `askOnce` says. */
  askingRequest: string | null
}

const takeSend = prepared((values: VerificationRow & { previousSends: number }) =>
  db
    .updateTable('verifications')
    .set({
      sends: values.sends,
      sentAtMs: values.sentAtMs,
      resendAtMs: values.resendAtMs,
      expiresAtMs: values.expiresAtMs,
      changeId: values.changeId,
      language: values.language,
    })
    .where('id', '=', values.id)
    .where('state', '=', 'pending')
    .where('sends', '=', values.previousSends)
    .returning('id'),
)

/** Only the resend that took the send has its code stored and mailed. */
const insertResentCode = prepared((row: CodeRow & { changeId: string | null }) =>
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
      'askedAtMs',
      'askingRequest',
    ])
    .expression(
      resent(row.verificationId, row.changeId).select(({ val, ref }) => [
        ref('verifications.id').as('verificationId'),
        val(row.number).as('number'),
        val(row.mac).as('mac'),
        ref('verifications.email').as('email'),
        val(row.sealed).as('sealed'),
        val(row.expiresAtMs).as('expiresAtMs'),
        val(row.delivery).as('delivery'),
        val(row.tries).as('tries'),
        val(row.dueAtMs).as('dueAtMs'),
        val(row.askedAtMs).as('askedAtMs'),
        val(row.askingRequest).as('askingRequest'),
      ]),
    ),
)

const recordResent = prepared((values: VerificationRow & { detail: string }) =>
  db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'kid', 'detail'])
    .expression(
      resent(values.id, values.changeId).select(({ val, ref }) => [
        val(values.sentAtMs).as('atMs'),
        val('code_asked_again').as('event'),
        ref('verifications.id').as('verificationId'),
        ref('verifications.kid').as('kid'),
        val(values.detail).as('detail'),
      ]),
    ),
)

function resent(verificationId: string, changeId: string | null) {
  return db
    .selectFrom('verifications')
    .where('verifications.id', '=', verificationId)
    .where('verifications.changeId', '=', changeId)
}

/**
 * Sends a new code for the session's verification. Earlier codes stay good until they expire, and no try
 * is given back. A verification whose codes have all expired takes a new one: the person has only been slow.
 */
export async function resendCode(context: SignInContext, request: ResendRequest): Promise<AskOutcome> {
  const { store, policy } = context
  const { sessionKey, clientNetwork, language = null, askingRequest } = request
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
    const tries: RateLimit = { name: 'tries', most: found.maxAttempts, left: 0 }
    return { ok: false, code: 'too_many_attempts', reference, rateLimits: [tries] }
  }
  const isLastCode = found.sends >= policy.maxSends
  // After the last code only starting over helps, and not before that code has had its time.
  if (isLastCode && refusal === 'verification_expired') return { ok: false, code: 'code_expired', reference }
  const waitMs = isLastCode ? found.expiresAtMs - nowMs : found.resendAtMs - nowMs
  if (waitMs > 0) return tooSoon(policy, nowMs + waitMs, nowMs, reference)
  const counted = await countSend(context, found.email, clientNetwork)
  if (!counted.ok) return { ...counted, code: 'rate_limited', refused: 'send', reference }
  // A reload may have revoked the key while the send was counted.
  const current = context.keyRing()
  if (!current.has(found.kid)) return notFound(current.whyMissing(found.kid), reference)

  const next: VerificationRow = {
    ...found,
    sends: found.sends + 1,
    sentAtMs: nowMs,
    resendAtMs: nowMs + policy.resendAfterMs,
    expiresAtMs: nowMs + policy.codeLifetimeMs,
    changeId: createRecordId(nowMs),
    language: language ?? found.language,
  }
  const [updated] = await store
    .write(
      takeSend({ ...next, previousSends: found.sends }),
      insertResentCode({ ...createCodeRow(context, next, askingRequest), changeId: next.changeId }),
      recordResent({ ...next, detail: JSON.stringify({ number: next.sends }) }),
    )
    .catch(giveBackDuplicate(context, found.email, clientNetwork))
  // Another resend was first, or the verification ended in between.
  if (updated.length === 0) {
    await giveBackSend(context, found.email, clientNetwork)
    return tooSoon(policy, nowMs + policy.resendAfterMs, nowMs, reference)
  }
  context.wakeOutbox()
  context.tell('code asked again', next, { number: next.sends })
  return { ok: true, verification: next, delivery: 'queued', rateLimits: counted.rateLimits }
}

function tooSoon(policy: Policy, againAtMs: number, nowMs: number, reference: string): AskOutcome {
  const retryAfterInSeconds = secondsUntil(againAtMs, nowMs)
  const rateLimit: RateLimit = {
    name: 'resend',
    most: 1,
    left: 0,
    windowInSeconds: policy.resendAfterMs / 1000,
    resetsInSeconds: retryAfterInSeconds,
  }
  return {
    ok: false,
    code: 'rate_limited',
    refused: 'send',
    retryAfterInSeconds,
    reference,
    rateLimits: [rateLimit],
  }
}

function notFound(reason: Reason, reference?: string): AskOutcome {
  const code = 'verification_session_not_found'
  return reference === undefined ? { ok: false, code, reason } : { ok: false, code, reason, reference }
}
