import { db, prepared, type SignInRow } from '@holdfast/store'
import type { SignInContext } from './sign-in-context.ts'

const mostTouchIntervalMs = 60_000

const touch = prepared((values: { id: string; nowMs: number; kid: string }) =>
  db.updateTable('signIns').set({ lastSeenAtMs: values.nowMs, kid: values.kid }).where('id', '=', values.id),
)

/**
 * Notes that a sign-in is in use, at most once a minute, so that it does not idle out, and which key the
 * token that was presented needs. Only the move to another key is waited for: it is rare, and a start counts
 * on it. A failure is ignored: a store that only reads must not fail the reading.
 */
export async function touchSignIn(
  { store, clock, policy }: SignInContext,
  signIn: SignInRow,
  kid: string,
): Promise<void> {
  const nowMs = clock()
  const intervalMs = Math.min(mostTouchIntervalMs, policy.idleMs / 10)
  if (kid === signIn.kid && nowMs - signIn.lastSeenAtMs < intervalMs) return
  const touched = store
    .write(touch({ id: signIn.id, nowMs: Math.max(nowMs, signIn.lastSeenAtMs), kid }))
    .catch(() => {})
  if (kid !== signIn.kid) await touched
}
