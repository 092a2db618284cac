import type { Refusal } from '../../sign-in/refusal.ts'
import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import type { HttpContext } from '../http-context.ts'
import { readOwnState } from '../own-state.ts'
import { readReject } from '../read-reject.ts'

/**
 * A session without a verification may be one that never asked for a code, or one that did not hold itself:
 * the second is the truer reason.
 */
export async function whyNoVerification(
  ctx: HttpContext,
  context: SignInContext,
  outcome: Refusal,
): Promise<Refusal> {
  if (outcome.code !== 'verification_session_not_found' || outcome.reason !== 'never_started') return outcome
  const state = await readOwnState(ctx, context)
  if (state.state === 'anonymous') return { ...outcome, ...(await readReject(context.store, state)) }
  if (state.state !== 'signed_in') return outcome
  // Signed in and nothing pending: the code that is sent again has done its work in the session before.
  const used = { reason: 'verification_used', signIn: state.signIn } as const
  return { ...outcome, ...(await readReject(context.store, used)) }
}
