import { maskEmailAddress, settleStates } from '@holdfast/core'
import { db, isLiveSignIn } from '@holdfast/store'
import { findVerification } from '../../sign-in/find-verification.ts'
import type { HttpContext } from '../http-context.ts'
import { readOwnState } from '../own-state.ts'
import { currentSession } from '../session.ts'
import { viewState } from '../session-view.ts'
import type { RouteOptions } from './route-options.ts'

/**
 * `GET /auth/session-debug`, in development only: what the server knows of this session, its verification
 * and the key ring, and why a session did not hold. No secret, no code, no session id in it.
 */
export function sessionDebug({ signIn, keys }: RouteOptions) {
  return async function handleSessionDebug(ctx: HttpContext): Promise<void> {
    const { presented } = ctx.state
    const ring = signIn.keyRing()
    const session = currentSession(ctx)
    const state = await readOwnState(ctx, signIn)
    const verification = presented.ok ? await findVerification(signIn.store, presented.sessionKey) : undefined
    const [counts] = await signIn.store.read(
      db.selectNoFrom((count) => [
        count
          .selectFrom('verifications')
          .where('state', '=', 'pending')
          .where('expiresAtMs', '>', signIn.clock())
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .as('pendingVerifications'),
        count
          .selectFrom('signIns')
          .where(isLiveSignIn({ nowMs: signIn.clock(), idleMs: signIn.policy.idleMs }))
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .as('liveSignIns'),
      ]),
    )
    ctx.body = {
      session: {
        presented: presented.ok ? { transport: presented.transport, kid: presented.kid } : null,
        holds: presented.ok && !session.isNew,
        reason: state.state === 'anonymous' ? state.reason : null,
        view: viewState(state),
      },
      verification:
        verification === undefined
          ? null
          : {
              reference: verification.reference,
              state: verification.state,
              type: verification.type,
              email: maskEmailAddress(verification.email),
              kid: verification.kid,
              attempts: verification.attempts,
              sends: verification.sends,
              createdAt: new Date(verification.createdAtMs).toISOString(),
              expiresAt: new Date(verification.expiresAtMs).toISOString(),
            },
      keyRing: {
        ringId: ring.ringId,
        epoch: ring.epoch,
        signs: ring.signingKid,
        verifies: ring.kids,
        keys: settleStates(keys.record, signIn.clock()).keys.map(({ kid, state }) => ({ kid, state })),
      },
      store: { generation: signIn.store.generation, ...counts },
    }
  }
}
