import { db, type SignInRow } from '../store/tables.ts'
import type { SignInContext } from './sign-in-context.ts'

const mostTouchIntervalMs = 60_000

/**
 * Notes that a sign-in is in use, at most once a minute, so that it does not idle out. Nobody waits for it
 * and a failure is ignored: a store that only reads must not fail the reading.
 */
export function touchSignIn({ store, clock, policy }: SignInContext, signIn: SignInRow): void {
  const nowMs = clock()
  const intervalMs = Math.min(mostTouchIntervalMs, policy.idleMs / 10)
  if (nowMs - signIn.lastSeenAtMs < intervalMs) return
  store
    .write(
      db
        .updateTable('signIns')
        .set({ lastSeenAtMs: nowMs })
        .where('id', '=', signIn.id)
        .where('lastSeenAtMs', '<', nowMs),
    )
    .catch(() => {})
}
