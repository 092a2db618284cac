import type { Store } from './store.ts'
import { db } from './tables.ts'

/** What would stop working without one key. */
export interface KeyUse {
  kid: string
  signIns: number
  verifications: number
  mails: number
}

/** Counts, for each kid, the live records that need it: sign-ins, verifications and mails not handed over. */
export async function countKeyUse(store: Store, nowMs: number): Promise<KeyUse[]> {
  const [signIns, verifications, mails] = await Promise.all([
    store.read(
      db
        .selectFrom('signIns')
        .select(({ fn }) => ['kid', fn.countAll<number>().as('count')])
        .where('endedAtMs', 'is', null)
        .where('expiresAtMs', '>', nowMs)
        .groupBy('kid'),
    ),
    store.read(
      db
        .selectFrom('verifications')
        .select(({ fn }) => ['kid', fn.countAll<number>().as('count')])
        .where('state', '=', 'pending')
        .where('expiresAtMs', '>', nowMs)
        .groupBy('kid'),
    ),
    store.read(
      db
        .selectFrom('codes')
        .innerJoin('verifications', 'verifications.id', 'codes.verificationId')
        .select(({ fn }) => ['kid', fn.countAll<number>().as('count')])
        .where('sealed', 'is not', null)
        .where('codes.expiresAtMs', '>', nowMs)
        .groupBy('kid'),
    ),
  ])
  const kids = new Set([...signIns, ...verifications, ...mails].map((row) => row.kid))
  const countOf = (rows: { kid: string; count: number }[], kid: string) =>
    rows.find((row) => row.kid === kid)?.count ?? 0
  return [...kids].map((kid) => ({
    kid,
    signIns: countOf(signIns, kid),
    verifications: countOf(verifications, kid),
    mails: countOf(mails, kid),
  }))
}

/** Ends what nobody can use any more without the keys, so that it is not asked for again at each start. */
export async function acceptLoss(store: Store, lost: readonly KeyUse[], nowMs: number): Promise<void> {
  const kids = lost.map((use) => use.kid)
  await store.write(
    db
      .updateTable('codes')
      .set({ sealed: null, delivery: 'failed' })
      .where('sealed', 'is not', null)
      .where(
        'verificationId',
        'in',
        db.selectFrom('verifications').select('id').where('kid', 'in', kids).where('state', '=', 'pending'),
      ),
    db
      .updateTable('verifications')
      .set({ state: 'cancelled' })
      .where('kid', 'in', kids)
      .where('state', '=', 'pending'),
    db
      .updateTable('signIns')
      .set({ endedAtMs: nowMs, endReason: 'ended_by_operator' })
      .where('kid', 'in', kids)
      .where('endedAtMs', 'is', null),
  )
}
