import { codeMac, createReference, issueCode, seal } from '@holdfast/core'
import type { Language } from '@holdfast/messages'
import {
  type CodeRow,
  createRecordId,
  db,
  ledgerEntry,
  prepared,
  type VerificationRow,
} from '@holdfast/store'
import { cancelQueries } from './cancel-verification.ts'
import type { SignInContext } from './sign-in-context.ts'

const insertVerification = prepared((row: VerificationRow) => db.insertInto('verifications').values(row))

const insertCode = prepared((row: CodeRow) => db.insertInto('codes').values(row))

export interface SendRequest {
  /** The session that the verification will belong to, and no other. (ASVS 6.6.2) */
  sessionKey: string
  /** Canonical. */
  email: string
  type: 'login' | 'signup'
  /** The language of its mails; null for English. */
  language?: Language | null
  /** As `askOnce` says. */
  askedBy: string | null
}

/**
 * Starts a verification: its record and its code are durable before this resolves, and the mail goes out
 * afterwards, off the request path. A verification that the session had before is cancelled. Ask `countSend`
 * first. Throws what `isDuplicate` knows where the same request has got its code meanwhile.
 */
export async function sendCode(context: SignInContext, request: SendRequest): Promise<VerificationRow> {
  const { store, policy } = context
  const nowMs = context.clock()
  const verification: VerificationRow = {
    id: createRecordId(nowMs),
    reference: createReference(),
    sessionKey: request.sessionKey,
    kid: context.keyRing().signingKid,
    type: request.type,
    email: request.email,
    state: 'pending',
    attempts: 0,
    maxAttempts: policy.maxAttempts,
    sends: 1,
    codeLength: policy.codeLength,
    createdAtMs: nowMs,
    sentAtMs: nowMs,
    resendAtMs: nowMs + policy.resendAfterMs,
    expiresAtMs: nowMs + policy.codeLifetimeMs,
    verifiedAtMs: null,
    acceptedMac: null,
    chances: 0,
    changeId: null,
    language: request.language ?? null,
  }
  await store.write(
    ...cancelQueries(request.sessionKey, nowMs),
    insertVerification(verification),
    insertCode(createCodeRow(context, verification, request.askedBy)),
    ledgerEntry({
      atMs: nowMs,
      event: 'code_asked',
      verificationId: verification.id,
      kid: verification.kid,
      // The ledger outlives the verification: whoever has kept the reference can still be told.
      detail: { reference: verification.reference, type: verification.type },
    }),
  )
  context.wakeOutbox()
  context.tell('code asked', verification)
  return verification
}

/** The row of a new code: its MAC to compare with, and the code itself sealed for the outbox. */
export function createCodeRow(
  context: SignInContext,
  verification: VerificationRow,
  askedBy: string | null,
): CodeRow {
  const ring = context.keyRing()
  const code = issueCode(verification.codeLength)
  return {
    verificationId: verification.id,
    number: verification.sends,
    mac: codeMac(ring, verification.kid, {
      verificationId: verification.id,
      email: verification.email,
      code,
    }),
    email: verification.email,
    sealed: seal(ring, 'outbox', verification.id, code),
    expiresAtMs: verification.expiresAtMs,
    delivery: 'queued',
    tries: 0,
    dueAtMs: verification.sentAtMs,
    askedAtMs: verification.sentAtMs,
    askedBy,
    leasedBy: null,
  }
}
