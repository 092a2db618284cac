import { hash } from 'node:crypto'
import type { Delivery } from '@holdfast/core'
import { db, isDuplicate, prepared, type VerificationRow } from '@holdfast/store'
import type { RateLimit } from './rate-limit.ts'
import { readDelivery } from './read-delivery.ts'
import type { Refusal } from './refusal.ts'
import type { SignInContext } from './sign-in-context.ts'

/** A request for a code. */
export interface AskingRequest {
  asksFor: 'send' | 'resend'
  sessionKey: string
  /** Where it names itself. */
  idempotencyKey: string | undefined
  /** What else it says: with other words it is another request. */
  words?: readonly string[]
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

/**
 * Asks for a code, but not again where the very request was made before and its answer was lost: it costs no budget
 * then, and mails nothing. `ask` keeps `askedBy` with the code. Once its verification is over, a request counts as new.
 */
export async function askOnce(
  context: SignInContext,
  request: AskingRequest,
  ask: (askedBy: string | null) => Promise<AskOutcome>,
): Promise<AskOutcome> {
  const askedBy = nameOf(request)
  if (askedBy === null) return ask(null)
  const before = await readAskedFor(context, askedBy)
  if (before !== undefined) return before.verification.state === 'pending' ? before : ask(null)
  try {
    const outcome = await ask(askedBy)
    if (outcome.ok || outcome.code !== 'rate_limited') return outcome
    // It may be under way twice, and be in its own way.
    return (await readAskedFor(context, askedBy)) ?? outcome
  } catch (error) {
    const meanwhile = isDuplicate(error) ? await readAskedFor(context, askedBy) : undefined
    if (meanwhile === undefined) throw error
    return meanwhile
  }
}

function nameOf({ asksFor, sessionKey, idempotencyKey, words = [] }: AskingRequest): string | null {
  if (idempotencyKey === undefined) return null
  return hash('sha256', JSON.stringify([asksFor, sessionKey, idempotencyKey, ...words]), 'base64url')
}

async function readAskedFor(context: SignInContext, askedBy: string) {
  const [verification] = await context.store.read(verificationAskedForBy({ askedBy }))
  if (verification === undefined) return undefined
  return {
    ok: true,
    verification,
    delivery: await readDelivery(context, verification),
    rateLimits: [],
  } as const
}
