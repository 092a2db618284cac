import type { Reason } from '@holdfast/core'
import { db, prepared, type Store } from '@holdfast/store'
import { sql } from 'kysely'
import { referenceOf } from '../sign-in/reference-of.ts'
import type { SessionLack } from '../sign-in/session-state.ts'
import type { HttpContext } from './http-context.ts'

const referenceOfSignIn = prepared(({ signInId }: { signInId: string }) =>
  db
    .selectFrom('signIns')
    .select(referenceOf(sql.ref<string>('signIns.verificationId')).as('reference'))
    .where('id', '=', signInId),
)

/**
 * What a refusal says of a session that does not hold: the reason, and where a record is known the reference that
 * its holder can quote. Notes which sign-in the request was about.
 */
export async function describeLack(
  ctx: HttpContext,
  store: Store,
  { reason, signIn, verification }: SessionLack,
): Promise<{ reason: Reason; reference?: string }> {
  if (verification !== undefined) return { reason, reference: verification.reference }
  if (signIn === undefined) return { reason }
  ctx.state.concernedSignInId = signIn.id
  const [row] = await store.read(referenceOfSignIn({ signInId: signIn.id }))
  return row?.reference == null ? { reason } : { reason, reference: row.reference }
}
