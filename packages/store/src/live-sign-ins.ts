import { sql } from 'kysely'
import { isLiveSignIn, type LiveAt } from './key-use.ts'
import { signInEndEntries } from './sign-in-end-entries.ts'
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

/** More in one transaction would keep a running server waiting for the write lock. */
const mostAtOnce = 5_000

/**
 * Ends the live ones of them in the name of the operator, each with its row in the ledger. Many end in several steps,
 * so that running servers get their turns; ended again, after a step that failed, are those that were left.
 */
export async function endSignIns(
  store: Store,
  choice: SignInChoice,
  at: LiveAt,
  atOnce = mostAtOnce,
): Promise<number> {
  let count = 0
  for (let afterId = ''; ; ) {
    const next = db
      .selectFrom('signIns')
      .select('signIns.id')
      .where(isChosen(choice, at))
      .where('signIns.id', '>', afterId)
      .orderBy('signIns.id')
      .limit(atOnce)
    const [, ended] = await store.write(
      signInEndEntries(db.selectFrom('signIns').where('signIns.id', 'in', next), {
        atMs: at.nowMs,
        event: 'sign_in_ended',
        reason: 'ended_by_operator',
      }),
      db
        .updateTable('signIns')
        .set({ endedAtMs: at.nowMs, endReason: 'ended_by_operator' })
        .where('id', 'in', next)
        .returning('id'),
    )
    count += ended.length
    if (ended.length < atOnce) return count
    afterId =
      ended
        .map(({ id }) => id)
        .sort()
        .at(-1) ?? afterId
  }
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
