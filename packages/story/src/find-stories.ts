import { db, type Store } from '@holdfast/store'

/** What a story is found by, for as long as a record of it names its address. */
export interface FoundStory {
  /** A reference, or the id of a sign-in: as `readStory` takes it. */
  name: string
  beganAtMs: number
}

/**
 * The stories of an address, the newest first, and how many there are beyond `limit`. By the verifications and, where they are
 * purged, by the sign-ins: the ledger, which is kept for longer, holds no address and nothing that is made of one.
 */
export async function findStories(
  store: Pick<Store, 'read'>,
  email: string,
  limit: number,
): Promise<{ stories: FoundStory[]; count: number }> {
  const [verifications, signIns] = await Promise.all([
    store.read(
      db
        .selectFrom('verifications')
        .select(['id', 'reference as name', 'createdAtMs as beganAtMs'])
        .where('email', '=', email),
    ),
    store.read(
      db
        .selectFrom('signIns')
        .innerJoin('accounts', 'accounts.id', 'signIns.accountId')
        .select(['signIns.id as name', 'signIns.authTimeMs as beganAtMs', 'signIns.verificationId'])
        .where('accounts.email', '=', email),
    ),
  ])
  const known = new Set(verifications.map(({ id }) => id))
  const found = [...verifications, ...signIns.filter(({ verificationId }) => !known.has(verificationId))]
  const newestFirst = found.toSorted((one, other) => other.beganAtMs - one.beganAtMs)
  return {
    stories: newestFirst.slice(0, limit).map(({ name, beganAtMs }) => ({ name, beganAtMs })),
    count: found.length,
  }
}
