import type { KeyRingRecord } from '@holdfast/core'
import { sql } from 'kysely'
import type { Query, Store } from './store.ts'
import { db } from './tables.ts'

/** What a store remembers of the key ring it was last used with. */
export interface KnownKeyRing {
  ringId: string
  epoch: number
  kids: readonly string[]
  /** Keys that were revoked once: an old copy of the ring must not let them verify again. */
  revokedKids: readonly string[]
  /** The settings of the servers: whoever works on the keys without them must not count on shorter ones. */
  idleMs?: number
  reloadMs?: number
}

const metaKey = 'keyRing'
const revokedPrefix = 'revokedKey:'

/** `undefined` for a store that no ring was used with yet. */
export async function readKnownKeyRing(store: Pick<Store, 'read'>): Promise<KnownKeyRing | undefined> {
  const [rows, revoked] = await Promise.all([
    store.read(db.selectFrom('meta').select('value').where('key', '=', metaKey)),
    store.read(db.selectFrom('meta').select('value').where('key', 'like', `${revokedPrefix}%`)),
  ])
  const [row] = rows
  return row === undefined
    ? undefined
    : { ...JSON.parse(row.value), revokedKids: revoked.map(({ value }) => value) }
}

/**
 * Remembers a ring, with the settings of the server that uses it. Several processes do this at any time, and some
 * of them late: an older epoch of the same ring replaces nothing, and a revoked key is never forgotten.
 */
export function rememberKeyRing(
  { ringId, epoch, keys }: KeyRingRecord,
  settings: { idleMs?: number; reloadMs?: number } = {},
): Query<unknown>[] {
  const kids = keys.filter((key) => key.secret !== null).map((key) => key.kid)
  const value = JSON.stringify({ ringId, epoch, kids, ...settings })
  const known = sql.ref('meta.value')
  const isNewer = sql`${known} ->> 'ringId' = ${ringId} AND ${known} ->> 'epoch' > ${epoch}`
  // What a tool without a server's settings remembers leaves them as they are.
  const merged = sql<string>`CASE WHEN ${isNewer} THEN ${known} ELSE JSON_PATCH(${known}, ${value}) END`
  return [
    db
      .insertInto('meta')
      .values({ key: metaKey, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: merged })),
    ...keys
      .filter((key) => key.state === 'revoked')
      .map(({ kid }) =>
        db
          .insertInto('meta')
          .values({ key: `${revokedPrefix}${kid}`, value: kid })
          .onConflict((conflict) => conflict.doNothing()),
      ),
  ]
}
