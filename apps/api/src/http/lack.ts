import type { Reason } from '@holdfast/core'
import { db, prepared, type Store } from '@holdfast/store'
import { sql } from 'kysely'
import { referenceOf } from '../sign-in/reference-of.ts'
import type { SessionLack } from '../sign-in/session-state.ts'

const referenceOfSignIn = prepared(({ signInId }: { signInId: string }) =>
  db
    .selectFrom('signIns')
    .select(referenceOf(sql.ref<string>('signIns.verificationId')).as('reference'))
    .where('id', '=', signInId),
)

/** What can be said of a session that does not hold. */
export interface Lack {
  reason: Reason
  reference?: string
  signInId?: string
}

/**
 * What a refusal says of a session that does not hold: the reason, where a record is known the reference that
 * its holder can quote, and for the ledger which sign-in it was.
 */
export async function describeLack(
  store: Store,
  { reason, signIn, verification }: SessionLack,
): Promise<Lack> {
  if (verification !== undefined) return { reason, reference: verification.reference }
  if (signIn === undefined) return { reason }
  const signInId = signIn.id
  const [row] = await store.read(referenceOfSignIn({ signInId }))
  return { reason, signInId, ...(row?.reference == null ? {} : { reference: row.reference }) }
}
