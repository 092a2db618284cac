import { db, prepared, type SignInRow } from '@holdfast/store'
import { sql } from 'kysely'
import type { SignInContext } from './sign-in-context.ts'

const liveOfAccount = prepared((values: { accountId: string; nowMs: number; idleMs: number }) =>
  db
    .selectFrom('signIns')
    .selectAll()
    .where('accountId', '=', values.accountId)
    .where('endedAtMs', 'is', null)
    .where('expiresAtMs', '>', values.nowMs)
    .where(sql<boolean>`${sql.ref('lastSeenAtMs')} + ${values.idleMs} > ${values.nowMs}`)
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
