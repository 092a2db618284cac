import { db, prepared, type Store, type VerificationRow } from '@holdfast/store'
import { sql } from 'kysely'

const newestOfSession = prepared(({ sessionKey }: { sessionKey: string }) =>
  db
    .selectFrom('verifications')
    .selectAll()
    .where('sessionKey', '=', sessionKey)
    // At most one is pending; by time alone, a clock that was set back would bring up one that is over.
    .orderBy(sql`${sql.ref('state')} = 'pending'`, 'desc')
    .orderBy('createdAtMs', 'desc')
    // A literal: SQLite plans a statement anew each time its LIMIT is bound.
    .limit(sql.lit(1)),
)

/**
 * The newest verification of a session. It is found by the session it belongs to rather than by a pointer in
 * the session blob: the blob is gone once a sign-in has replaced the session, and a lost answer is asked
 * for again with the old cookie.
 */
export async function findVerification(
  store: Store,
  sessionKey: string,
): Promise<VerificationRow | undefined> {
  const [verification] = await store.read(newestOfSession({ sessionKey }))
  return verification
}
