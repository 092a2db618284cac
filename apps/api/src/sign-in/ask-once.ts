import { hash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type Delivery, refusalOf } from '@holdfast/core'
import { db, isDuplicate, prepared, type VerificationRow } from '@holdfast/store'
import type { RateLimit } from './rate-limit.ts'
import { readDelivery } from './read-delivery.ts'
import type { Refusal } from './refusal.ts'
import type { SignInContext } from './sign-in-context.ts'

/** A request for a code. */
export interface AskingRequest {
  asksFor: 'send' | 'resend'
  sessionKey: string
  /** Where it has one. */
  requestName: string | undefined
}

export type AskOutcome =
  | { ok: true; verification: VerificationRow; delivery: Delivery; rateLimits: readonly RateLimit[] }
  | ({ ok: false } & Refusal)

const verificationAskedForBy = prepared(({ askedBy }: { askedBy: string }) =>
  db
    .selectFrom('codes')
    .innerJoin('verifications', 'verifications.id', 'codes.verificationId')
    .selectAll('verifications')
    .where('codes.askedBy', '=', askedBy),
)

/** Long enough for a commit of another process that holds the lock a moment. */
const looksAfterMs = [0, 50, 200]

/**
 * Asks for a code, but not again where the very request was made before and its answer was lost: it costs no budget
 * then, and mails nothing. `ask` keeps `askedBy` with the code. Once its verification is over, a request counts as new.
 */
export async function askOnce(
  context: SignInContext,
  request: AskingRequest,
  ask: (askedBy: string | null) => Promise<AskOutcome>,
): Promise<AskOutcome> {
  const askedBy = keyOf(request)
  if (askedBy === null) return ask(null)
  const before = await readAskedFor(context, askedBy)
  if (before.isAsked) return before.outcome ?? ask(null)
  try {
    const outcome = await ask(askedBy)
    if (outcome.ok || outcome.code !== 'rate_limited') return outcome
    return (await readTwin(context, askedBy)) ?? outcome
  } catch (error) {
    const twin = isDuplicate(error) ? await readTwin(context, askedBy) : undefined
    if (twin === undefined) throw error
    return twin
  }
}

function keyOf({ asksFor, sessionKey, requestName }: AskingRequest): string | null {
  return requestName === undefined
    ? null
    : hash('sha256', [asksFor, sessionKey, requestName].join('|'), 'base64url')
}

/** A request may be under way twice, and the one that comes second be refused for what the first has not yet stored. */
async function readTwin(context: SignInContext, askedBy: string): Promise<AskOutcome | undefined> {
  for (const waitMs of looksAfterMs) {
    await setTimeout(waitMs)
    const { isAsked, outcome } = await readAskedFor(context, askedBy)
    if (isAsked) return outcome
  }
  return undefined
}

/** Whether the request was made; and what came of it, as long as that is under way. */
async function readAskedFor(
  context: SignInContext,
  askedBy: string,
): Promise<{ isAsked: boolean; outcome?: AskOutcome }> {
  const [verification] = await context.store.read(verificationAskedForBy({ askedBy }))
  if (verification === undefined) return { isAsked: false }
  if (refusalOf(verification, context.clock()) !== undefined) return { isAsked: true }
  const delivery = await readDelivery(context, verification)
  return { isAsked: true, outcome: { ok: true, verification, delivery, rateLimits: [] } }
}
