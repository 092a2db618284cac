import { db, prepared, type Store, type VerificationRow } from '@holdfast/store'
import { sql } from 'kysely'

const verificationOfSession = prepared(({ sessionKey }: { sessionKey: string }) =>
  db
    .selectFrom('verifications')
    .selectAll()
    .where('sessionKey', '=', sessionKey)
    // At most one is pending or has succeeded; by time alone, a clock that was set back would bring up another.
    .orderBy(sql`CASE ${sql.ref('state')} WHEN 'pending' THEN 0 WHEN 'verified' THEN 1 ELSE 2 END`)
    .orderBy('createdAtMs', 'desc')
    // A literal: SQLite plans a statement anew each time its LIMIT is bound.
    .limit(sql.lit(1)),
)

/**
 * The verification of a session: the pending one, else the one that succeeded, else the newest. It is found by
 * the session it belongs to rather than by a pointer in the session blob: the blob is gone once a sign-in has
 * replaced the session, and a lost answer is asked for again with the old cookie.
 */
export async function findVerification(
  store: Store,
  sessionKey: string,
): Promise<VerificationRow | undefined> {
  const [verification] = await store.read(verificationOfSession({ sessionKey }))
  return verification
}
