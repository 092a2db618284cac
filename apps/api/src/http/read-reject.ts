import { db, prepared, type Store } from '@holdfast/store'
import { sql } from 'kysely'
import type { Reject } from '../rejects.ts'
import { referenceOf } from '../sign-in/reference-of.ts'
import type { SessionReject } from '../sign-in/session-state.ts'

const referenceOfSignIn = prepared(({ signInId }: { signInId: string }) =>
  db
    .selectFrom('signIns')
    .select(referenceOf(sql.ref<string>('signIns.verificationId')).as('reference'))
    .where('id', '=', signInId),
)

/**
 * What a refusal says of a session that does not hold: the reason, where a record is known the reference that
 * its holder can quote, and for the ledger which sign-in it was.
 */
export async function readReject(
  store: Store,
  { reason, signIn, verification }: SessionReject,
): Promise<Reject> {
  if (verification !== undefined) return { reason, reference: verification.reference }
  if (signIn === undefined) return { reason }
  const signInId = signIn.id
  const [row] = await store.read(referenceOfSignIn({ signInId }))
  return { reason, signInId, ...(row?.reference == null ? {} : { reference: row.reference }) }
}
