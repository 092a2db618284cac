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
import type { AskOutcome } from './ask-once.ts'
import { cancelQueries } from './cancel-verification.ts'
import { countSend, giveBackDuplicate } from './send-limits.ts'
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
  clientNetwork: string
  /** As `askOnce` says. */
  askingRequest: string | null
}

/**
 * Starts a verification: its record and its code are durable before this resolves, and the mail goes out
 * afterwards, off the request path. A verification that the session had before is cancelled. What `alongside` stores
 * shares their commit. Throws what `isDuplicate` knows where the same request has got its code meanwhile.
 */
export async function sendCode(
  context: SignInContext,
  request: SendRequest,
  alongside: () => Promise<void> = async () => {},
): Promise<AskOutcome> {
  const { sessionKey, email, clientNetwork, askingRequest } = request
  const counted = await countSend(context, email, clientNetwork)
  if (!counted.ok) return { ...counted, code: 'rate_limited', refused: 'send' }
  const verification = newVerification(context, request)
  const { id, reference, kid, type, createdAtMs } = verification
  const stored = context.store.write(
    ...cancelQueries(sessionKey, createdAtMs),
    insertVerification(verification),
    insertCode(createCodeRow(context, verification, askingRequest)),
    ledgerEntry({
      atMs: createdAtMs,
      event: 'code_asked',
      verificationId: id,
      kid,
      // The ledger outlives the verification: whoever has kept the reference can still be told.
      detail: { reference, type },
    }),
  )
  // Asked for in one turn, and with one commit; the answer waits for both.
  await Promise.all([stored.catch(giveBackDuplicate(context, email, clientNetwork)), alongside()])
  context.wakeOutbox()
  context.tell('code asked', verification)
  return { ok: true, verification, delivery: 'queued', rateLimits: counted.rateLimits }
}

function newVerification({ clock, keyRing, policy }: SignInContext, request: SendRequest): VerificationRow {
  const nowMs = clock()
  return {
    id: createRecordId(nowMs),
    reference: createReference(),
    sessionKey: request.sessionKey,
    kid: keyRing().signingKid,
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
}

/** The row of a new code: its MAC to compare with, and the code itself sealed for the outbox. */
export function createCodeRow(
  context: SignInContext,
  verification: VerificationRow,
  askingRequest: string | null,
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
    askingRequest,
    leasedBy: null,
  }
}
