import { sql } from 'kysely'
import { isLiveSignIn, type LiveAt } from './key-use.ts'
import type { Store } from './store.ts'
import { db, type SignInRow } from './tables.ts'

/** Which sign-ins are meant: those for which everything that is set holds. */
export interface SignInChoice {
  signInId?: string
  /** Canonical. */
  email?: string
  accountId?: string
  /** Those that began before this time. */
  beforeMs?: number
}

export type LiveSignIn = SignInRow & { email: string }

/** The live ones, the one used last first, and how many there are beyond `limit`. */
export async function readLiveSignIns(
  store: Pick<Store, 'read'>,
  choice: SignInChoice,
  { limit, ...at }: LiveAt & { limit: number },
): Promise<{ signIns: LiveSignIn[]; count: number }> {
  const [signIns, [counted]] = await Promise.all([
    store.read(
      db
        .selectFrom('signIns')
        .innerJoin('accounts', 'accounts.id', 'signIns.accountId')
        .selectAll('signIns')
        .select('accounts.email')
        .where(isChosen(choice, at))
        .orderBy('lastSeenAtMs', 'desc')
        .orderBy('signIns.id')
        .limit(limit),
    ),
    store.read(
      db
        .selectFrom('signIns')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where(isChosen(choice, at)),
    ),
  ])
  return { signIns, count: counted?.count ?? 0 }
}

/** Ends the live ones of them in the name of the operator, each with its row in the ledger. */
export async function endSignIns(store: Store, choice: SignInChoice, at: LiveAt): Promise<number> {
  const [, ended] = await store.write(
    db
      .insertInto('ledger')
      .columns(['atMs', 'event', 'signInId', 'kid', 'reason'])
      .expression(
        db
          .selectFrom('signIns')
          .select(({ val, ref }) => [
            val(at.nowMs).as('atMs'),
            val('sign_in_ended').as('event'),
            ref('signIns.id').as('signInId'),
            ref('signIns.kid').as('kid'),
            val('ended_by_operator').as('reason'),
          ])
          .where(isChosen(choice, at)),
      ),
    db
      .updateTable('signIns')
      .set({ endedAtMs: at.nowMs, endReason: 'ended_by_operator' })
      .where(isChosen(choice, at))
      .returning('id'),
  )
  return ended.length
}

function isChosen({ signInId, email, accountId, beforeMs }: SignInChoice, at: LiveAt) {
  const conditions = [
    isLiveSignIn(at),
    ...(signInId === undefined ? [] : [sql<boolean>`${sql.ref('signIns.id')} = ${signInId}`]),
    ...(accountId === undefined ? [] : [sql<boolean>`${sql.ref('signIns.accountId')} = ${accountId}`]),
    ...(beforeMs === undefined ? [] : [sql<boolean>`${sql.ref('signIns.authTimeMs')} < ${beforeMs}`]),
    ...(email === undefined
      ? []
      : [
          sql<boolean>`${sql.ref('signIns.accountId')} IN ${db.selectFrom('accounts').select('accounts.id').where('accounts.email', '=', email)}`,
        ]),
  ]
  return sql<boolean>`${sql.join(conditions, sql` AND `)}`
}
