import { hash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { type Delivery, refusalOf } from '@holdfast/core'
import { db, isDuplicate, prepared, type VerificationRow } from '@holdfast/store'
import type { RateLimit } from './rate-limit.ts'
import { readDelivery } from './read-delivery.ts'
import type { Refusal } from './refusal.ts'
import type { SignInContext } from './sign-in-context.ts'

/** A request for a code. */
export interface CodeRequest {
  asksFor: 'send' | 'resend'
  sessionKey: string
  /** Where it has one. */
  requestName: string | undefined
}

export type AskOutcome =
  | { ok: true; verification: VerificationRow; delivery: Delivery; rateLimits: readonly RateLimit[] }
  | ({ ok: false } & Refusal)

const verificationAskedForBy = prepared(({ askingRequest }: { askingRequest: string }) =>
  db
    .selectFrom('codes')
    .innerJoin('verifications', 'verifications.id', 'codes.verificationId')
    .selectAll('verifications')
    .where('codes.askingRequest', '=', askingRequest),
)

/** What is known of a request that may be made again. */
type Before =
  | { state: 'not_asked' }
  /** Its verification is over. */
  | { state: 'over' }
  | { state: 'under_way'; outcome: AskOutcome }

/** Together long enough for the commit of another process. */
const waitsBeforeLooksMs = [0, 50, 200]

/**
 * Asks for a code, but not again where the very request was made before and its answer was lost: it costs no budget
 * then, and mails nothing. `ask` keeps `askingRequest` with the code. Once its verification is over, a request counts
 * as new.
 */
export async function askOnce(
  context: SignInContext,
  request: CodeRequest,
  ask: (askingRequest: string | null) => Promise<AskOutcome>,
): Promise<AskOutcome> {
  const askingRequest = askingRequestOf(request)
  if (askingRequest === null) return ask(null)
  const before = await readBefore(context, askingRequest)
  if (before.state === 'under_way') return before.outcome
  if (before.state === 'over') return ask(null)
  try {
    const outcome = await ask(askingRequest)
    if (outcome.ok || outcome.code !== 'rate_limited') return outcome
    return (await readTwin(context, askingRequest)) ?? outcome
  } catch (error) {
    const twin = isDuplicate(error) ? await readTwin(context, askingRequest) : undefined
    if (twin === undefined) throw error
    return twin
  }
}

function askingRequestOf({ asksFor, sessionKey, requestName }: CodeRequest): string | null {
  if (requestName === undefined) return null
  return hash('sha256', [asksFor, sessionKey, requestName].join('|'), 'base64url')
}

/** Two copies of a request may be under way; the second is refused for what the first is about to store. */
async function readTwin(context: SignInContext, askingRequest: string): Promise<AskOutcome | undefined> {
  for (const waitMs of waitsBeforeLooksMs) {
    await setTimeout(waitMs)
    const twin = await readBefore(context, askingRequest)
    if (twin.state === 'under_way') return twin.outcome
  }
  return undefined
}

async function readBefore(context: SignInContext, askingRequest: string): Promise<Before> {
  const [verification] = await context.store.read(verificationAskedForBy({ askingRequest }))
  if (verification === undefined) return { state: 'not_asked' }
  if (refusalOf(verification, context.clock()) !== undefined) return { state: 'over' }
  const delivery = await readDelivery(context, verification)
  return { state: 'under_way', outcome: { ok: true, verification, delivery, rateLimits: [] } }
}
