import { db, isLiveSignIn, type VerificationRow } from '@holdfast/store'
import { findVerification } from '../../sign-in/find-verification.ts'
import type { SessionState } from '../../sign-in/session-state.ts'
import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import type { HttpContext } from '../http-context.ts'
import { currentSession } from '../session.ts'
import { viewState } from '../session-view.ts'

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
  return {
    generation: store.generation,
    pendingVerifications: counts?.pendingVerifications ?? 0,
    liveSignIns: counts?.liveSignIns ?? 0,
  }
}
