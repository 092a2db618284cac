import { maskEmailAddress, settleStates } from '@holdfast/core'
import type { VerificationRow } from '@holdfast/store'
import type { HttpContext } from '../http-context.ts'
import { readOwnState } from '../own-state.ts'
import type { RouteOptions } from '../routes/route-options.ts'
import { describeSession, describeStore, findPresented } from './describe-session.ts'

/**
 * `GET /auth/session-debug`, in development only: what the server knows of this session, its verification
 * and the key ring, and why a session did not hold. No secret, no code, no session id in it.
 */
export function sessionDebug({ signIn, keys }: RouteOptions) {
  return async function handleSessionDebug(ctx: HttpContext): Promise<void> {
    const ring = signIn.keyRing()
    const state = await readOwnState(ctx, signIn)
    const verification = await findPresented(ctx, signIn)
    ctx.body = {
      session: describeSession(ctx, state),
      verification: verification === undefined ? null : describeVerification(verification),
      keyRing: {
        ringId: ring.ringId,
        epoch: ring.epoch,
        signs: ring.signingKid,
        verifies: ring.kids,
        keys: settleStates(keys.record, signIn.clock()).keys.map(({ kid, state }) => ({ kid, state })),
      },
      store: await describeStore(signIn),
    }
  }
}

function describeVerification(verification: VerificationRow) {
  return {
    reference: verification.reference,
    state: verification.state,
    type: verification.type,
    email: maskEmailAddress(verification.email),
    kid: verification.kid,
    attempts: verification.attempts,
    sends: verification.sends,
    createdAt: new Date(verification.createdAtMs).toISOString(),
    expiresAt: new Date(verification.expiresAtMs).toISOString(),
  }
}
