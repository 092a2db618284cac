import { codeMac, isRepeatable, matchesAnyCode, parseCode, refusalOf } from '@holdfast/core'
import { db, ledgerEntry, prepared, type VerificationRow } from '@holdfast/store'
import {
  type CompletedSignIn,
  type CompletionContext,
  completeSignIn,
  repeatSignIn,
} from './complete-sign-in.ts'
import { findVerification } from './find-verification.ts'
import type { Refusal } from './refusal.ts'
import type { SignInContext } from './sign-in-context.ts'

export type VerifyOutcome =
  | ({ ok: true; isRepetition: boolean } & CompletedSignIn)
  | ({ ok: false } & Refusal)

export interface VerifyRequest {
  sessionKey: string
  /** As typed or pasted. */
  code: string
  /** The sign-in that this session holds already; it gives way to the new one. */
  previousSignInId?: string
}

const takeTry = prepared(({ id, nowMs }: { id: string; nowMs: number }) =>
  db
    .updateTable('verifications')
    .set((column) => ({ attempts: column('attempts', '+', 1) }))
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .where('expiresAtMs', '>', nowMs)
    .whereRef('attempts', '<', 'maxAttempts')
    .returningAll(),
)

const verificationById = prepared(({ verificationId }: { verificationId: string }) =>
  db.selectFrom('verifications').selectAll().where('id', '=', verificationId),
)

const codesOf = prepared(({ verificationId }: { verificationId: string }) =>
  db.selectFrom('codes').select(['mac', 'expiresAtMs']).where('verificationId', '=', verificationId),
)

/**
 * Checks one guess. It is counted, durably, before anything is compared, so that no burst of parallel
 * requests, no crash and no second process ever has more than the budget of them looked at.
 */
export async function verifyCode(given: SignInContext, request: VerifyRequest): Promise<VerifyOutcome> {
  const found = await findVerification(given.store, request.sessionKey)
  if (found === undefined) {
    return { ok: false, code: 'verification_session_not_found', reason: 'never_started' }
  }
  const { reference } = found
  const ring = await given.keyRingKnowing(found.kid)
  if (!ring.has(found.kid)) {
    const reason = ring.whyMissing(found.kid)
    return { ok: false, code: 'verification_session_not_found', reason, reference }
  }
  const context: CompletionContext = { ...given, verificationRing: ring }
  const code = parseCode(request.code, found.codeLength)
  if (code === undefined)
    return { ok: false, code: 'code_malformed', codeLength: found.codeLength, reference }
  const mac = codeMac(ring, found.kid, { verificationId: found.id, email: found.email, code })

  const counted = await countGuess(context, found)
  if (counted === undefined) return refuseOrRepeat(context, found.id, mac)
  if (!(await isGoodCode(context, found.id, mac))) {
    await context.store.write(
      ledgerEntry({
        atMs: context.clock(),
        event: 'guess_wrong',
        verificationId: found.id,
        detail: { try: counted.attempts, of: counted.maxAttempts },
      }),
    )
    return {
      ok: false,
      code: 'code_incorrect',
      attemptsLeft: counted.maxAttempts - counted.attempts,
      reference,
    }
  }
  const completed = await completeSignIn(context, counted, mac, request.previousSignInId)
  if (completed === undefined) return refuseOrRepeat(context, found.id, mac)
  return { ok: true, isRepetition: false, ...completed }
}

/** Takes one try. Past the budget, past the end or past the last code no row comes back. */
async function countGuess(
  context: SignInContext,
  verification: VerificationRow,
): Promise<VerificationRow | undefined> {
  const [rows] = await context.store.write(takeTry({ id: verification.id, nowMs: context.clock() }))
  return rows[0]
}

async function isGoodCode(context: SignInContext, verificationId: string, mac: string): Promise<boolean> {
  const codes = await context.store.read(codesOf({ verificationId }))
  return matchesAnyCode(codes, mac, context.clock())
}

/** The verification takes no guesses: says why, unless this is the code that succeeded, sent again. */
async function refuseOrRepeat(
  context: CompletionContext,
  verificationId: string,
  mac: string,
): Promise<VerifyOutcome> {
  // By its id: a code that was sent meanwhile has begun another verification, which this guess is not about.
  const [verification] = await context.store.read(verificationById({ verificationId }))
  if (verification === undefined) {
    return { ok: false, code: 'verification_session_not_found', reason: 'never_started' }
  }
  const nowMs = context.clock()
  if (isRepeatable(verification, nowMs)) {
    const repeated = await repeatSignIn(context, verification, mac)
    if (repeated !== undefined) return { ok: true, isRepetition: true, ...repeated }
  }
  const { reference } = verification
  const reason = refusalOf(verification, nowMs)
  switch (reason) {
    case 'verification_cancelled':
    case 'verification_used':
      return { ok: false, code: 'verification_session_not_found', reason, reference }
    case 'verification_expired':
      return { ok: false, code: 'code_expired', reference }
    // A try came free between the two looks: the row changed under us, and the budget was spent when we asked.
    case 'verification_exhausted':
    case undefined:
      return { ok: false, code: 'too_many_attempts', reference }
  }
}
