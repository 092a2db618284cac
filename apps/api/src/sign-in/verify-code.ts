import { codeMac, isRepeatable, mailboxOf, parseCode, refusalOf } from '@holdfast/core'
import { createRecordId, db, prepared, type VerificationRow } from '@holdfast/store'
import { sql } from 'kysely'
import {
  type CompletedSignIn,
  type CompletionContext,
  completionQueries,
  readSignedIn,
  repeatSignIn,
} from './complete-sign-in.ts'
import type { EndedSignIn } from './ended-sign-in.ts'
import { findVerification } from './find-verification.ts'
import { countGuessQueries, goodCodes, guessLimitOf, mustWait, waitOf } from './guess-limit.ts'
import { dayMs, secondsUntil } from './limit-window.ts'
import type { RateLimit } from './rate-limit.ts'
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

interface Try {
  verificationId: string
  changeId: string
  nowMs: number
  /** The budget of the address. */
  key: string
  most: number
}

const takeTry = prepared((values: Try) =>
  db
    .updateTable('verifications')
    .set(({ eb, ref }) => ({
      attempts: eb('attempts', '+', 1),
      chances: sql<number>`${ref('chances')} + ${goodCodes(values.nowMs)}`,
      changeId: values.changeId,
    }))
    .where('id', '=', values.verificationId)
    .where('state', '=', 'pending')
    .where('expiresAtMs', '>', values.nowMs)
    .whereRef('attempts', '<', 'maxAttempts')
    .where(sql<boolean>`NOT (${mustWait(values)})`)
    .returningAll(),
)

const verificationById = prepared(({ verificationId }: { verificationId: string }) =>
  db.selectFrom('verifications').selectAll().where('id', '=', verificationId),
)

/**
 * Checks one guess. It is counted before anything is compared, and both in one unit with all that a right guess
 * leads to: no burst of parallel requests, no crash and no second process ever has more than the budget of
 * them looked at, and none comes between a right guess and its sign-in.
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

  const { counted, isRight, ended } = await takeGuess(context, found, mac, request.previousSignInId)
  if (counted === undefined) return refuseOrRepeat(context, found.id, mac)
  context.watch.guessed(mailboxOf(found.email), isRight, context.clock())
  if (!isRight) return refuseWrong(context, counted)
  const signedIn = await readSignedIn(context, found, ended)
  if (signedIn === undefined) throw new Error('expected the sign-in that was written with the right guess')
  return { ok: true, isRepetition: false, ...signedIn }
}

/**
 * Takes one try, counts it against the budget of the address, and completes the sign-in when it is right. Past a
 * budget, past the end or past the last code nothing is counted, and nothing looked at.
 */
async function takeGuess(
  context: CompletionContext,
  verification: VerificationRow,
  mac: string,
  previousSignInId: string | undefined,
): Promise<{ counted: VerificationRow | undefined; isRight: boolean; ended: EndedSignIn[] }> {
  const nowMs = context.clock()
  const guess = {
    verificationId: verification.id,
    changeId: createRecordId(nowMs),
    mac,
    nowMs,
    windowEndsAtMs: nowMs + dayMs,
    ...guessLimitOf(context, verification.email),
  }
  const [counted, , , consumed, , ended] = await context.store.write(
    takeTry(guess),
    ...countGuessQueries(guess),
    ...completionQueries(context, verification, guess, previousSignInId),
  )
  return { counted: counted[0], isRight: consumed.length > 0, ended }
}

function refuseWrong(context: SignInContext, counted: VerificationRow): VerifyOutcome {
  const { reference, attempts, maxAttempts } = counted
  context.tell('guess wrong', counted, { try: attempts, of: maxAttempts })
  const attemptsLeft = maxAttempts - attempts
  return { ok: false, code: 'code_incorrect', attemptsLeft, reference, rateLimits: [triesOf(counted)] }
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
    case 'verification_exhausted':
      return { ok: false, code: 'too_many_attempts', reference, rateLimits: [triesOf(verification)] }
    case undefined:
      return refuseForNow(context, verification)
  }
}

/** The guesses at the address have to wait; or they had to when we asked, and then the next may come at once. */
async function refuseForNow(
  context: SignInContext,
  { id: verificationId, email, reference }: VerificationRow,
): Promise<VerifyOutcome> {
  const nowMs = context.clock()
  const [wait] = await context.store.read(waitOf({ verificationId, nowMs, ...guessLimitOf(context, email) }))
  const untilMs = Math.min(wait?.waitUntilMs ?? nowMs, wait?.windowEndsAtMs ?? nowMs)
  const retryAfterInSeconds = secondsUntil(untilMs, nowMs)
  const rateLimit: RateLimit = { name: 'verify', most: 1, left: 0, resetsInSeconds: retryAfterInSeconds }
  return {
    ok: false,
    code: 'rate_limited',
    refused: 'guess',
    retryAfterInSeconds,
    reference,
    rateLimits: [rateLimit],
  }
}

function triesOf({ attempts, maxAttempts }: VerificationRow): RateLimit {
  return { name: 'tries', most: maxAttempts, left: maxAttempts - attempts }
}
