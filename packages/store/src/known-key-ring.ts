import type { KeyRingRecord } from '@holdfast/core'
import type { Query, Store } from './store.ts'
import { db } from './tables.ts'

/** What a store remembers of the key ring it was last used with. */
export interface KnownKeyRing {
  ringId: string
  epoch: number
  kids: readonly string[]
  /** Keys that were revoked once: an old copy of the ring must not let them verify again. */
  revokedKids: readonly string[]
}

const metaKey = 'keyRing'

/** `undefined` for a store that no ring was used with yet. */
export async function readKnownKeyRing(store: Store): Promise<KnownKeyRing | undefined> {
  const [row] = await store.read(db.selectFrom('meta').select('value').where('key', '=', metaKey))
  return row === undefined ? undefined : JSON.parse(row.value)
}

/** Remembers the ring in the place of the one that was known. */
export function rememberKeyRing(
  { ringId, epoch, keys }: KeyRingRecord,
  known: KnownKeyRing | undefined,
): Query<unknown> {
  const revokedKids = keys.filter((key) => key.state === 'revoked').map((key) => key.kid)
  const now: KnownKeyRing = {
    ringId,
    epoch,
    kids: keys.filter((key) => key.secret !== null).map((key) => key.kid),
    revokedKids: [...new Set([...(known?.revokedKids ?? []), ...revokedKids])],
  }
  const value = JSON.stringify(now)
  return db
    .insertInto('meta')
    .values({ key: metaKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
}
