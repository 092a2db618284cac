import { db, isLiveSignIn, type LiveAt, prepared, type SignInRow } from '@holdfast/store'
import type { SignInContext } from './sign-in-context.ts'

const liveOfAccount = prepared((values: LiveAt & { accountId: string }) =>
  db
    .selectFrom('signIns')
    .selectAll()
    .where('accountId', '=', values.accountId)
    .where(isLiveSignIn(values))
    .orderBy('lastSeenAtMs', 'desc')
    .orderBy('id'),
)

/** The sign-ins of an account that have neither ended nor expired nor idled out, the one used last first. */
export function listLiveSignIns(
  { store, clock, policy }: SignInContext,
  accountId: string,
): Promise<SignInRow[]> {
  return store.read(liveOfAccount({ accountId, nowMs: clock(), idleMs: policy.idleMs }))
}
