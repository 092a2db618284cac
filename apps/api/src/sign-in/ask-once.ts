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
const waitsBeforeLooksMs = [0, 20, 80]

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
  const asked = await ask(askingRequest).catch(unlessDuplicate)
  if (asked !== undefined && (asked.ok || asked.code !== 'rate_limited')) return asked
  const twin = await readTwin(context, askingRequest)
  if (twin.state === 'under_way') return twin.outcome
  // What came between has ended the twin's verification, or the budget is spent by others.
  return asked ?? ask(null)
}

/** Whether a request was made, and its verification is over. */
export async function isRequestOver(context: SignInContext, request: CodeRequest): Promise<boolean> {
  const askingRequest = askingRequestOf(request)
  return askingRequest !== null && (await readBefore(context, askingRequest)).state === 'over'
}

function unlessDuplicate(error: unknown): undefined {
  if (!isDuplicate(error)) throw error
}

function askingRequestOf({ asksFor, sessionKey, requestName }: CodeRequest): string | null {
  if (requestName === undefined) return null
  return hash('sha256', [asksFor, sessionKey, requestName].join('|'), 'base64url')
}

/** Two copies of a request may be under way; the second is refused for what the first is about to store. */
async function readTwin(context: SignInContext, askingRequest: string): Promise<Before> {
  for (const waitMs of waitsBeforeLooksMs) {
    await setTimeout(waitMs)
    const twin = await readBefore(context, askingRequest)
    if (twin.state !== 'not_asked') return twin
  }
  return { state: 'not_asked' }
}

async function readBefore(context: SignInContext, askingRequest: string): Promise<Before> {
  const [verification] = await context.store.read(verificationAskedForBy({ askingRequest }))
  if (verification === undefined) return { state: 'not_asked' }
  if (refusalOf(verification, context.clock()) !== undefined) return { state: 'over' }
  const delivery = await readDelivery(context, verification)
  return { state: 'under_way', outcome: { ok: true, verification, delivery, rateLimits: [] } }
}
