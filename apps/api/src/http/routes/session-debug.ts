import { maskEmailAddress, settleStates } from '@holdfast/core'
import { db, isLiveSignIn, type VerificationRow } from '@holdfast/store'
import { findVerification } from '../../sign-in/find-verification.ts'
import type { SessionState } from '../../sign-in/session-state.ts'
import type { SignInContext } from '../../sign-in/sign-in-context.ts'
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

/** The verification of the session that this request presents. */
export async function findPresented(
  { state: { presented } }: HttpContext,
  { store }: SignInContext,
): Promise<VerificationRow | undefined> {
  return presented.ok ? findVerification(store, presented.sessionKey) : undefined
}

export function describeSession(ctx: HttpContext, state: SessionState) {
  const { presented } = ctx.state
  return {
    presented: presented.ok ? { transport: presented.transport, kid: presented.kid } : null,
    holds: presented.ok && !currentSession(ctx).isNew,
    reason: state.state === 'anonymous' ? state.reason : null,
    view: viewState(state),
  }
}

/** What the store holds that is alive. */
export async function describeStore({ store, clock, policy }: SignInContext) {
  const nowMs = clock()
  const [counts] = await store.read(
    db.selectNoFrom((count) => [
      count
        .selectFrom('verifications')
        .where('state', '=', 'pending')
        .where('expiresAtMs', '>', nowMs)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('pendingVerifications'),
      count
        .selectFrom('signIns')
        .where(isLiveSignIn({ nowMs, idleMs: policy.idleMs }))
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('liveSignIns'),
    ]),
  )
  return { generation: store.generation, ...counts }
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
