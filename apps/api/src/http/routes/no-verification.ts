import type { Refusal } from '../../sign-in/refusal.ts'
import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import type { HttpContext } from '../http-context.ts'
import { readOwnState } from '../own-state.ts'

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
  if (state.state === 'anonymous') return { ...outcome, reason: state.reason }
  // Signed in and nothing pending: the code that is sent again has done its work in the session before.
  return state.state === 'signed_in' ? { ...outcome, reason: 'verification_used' } : outcome
}
