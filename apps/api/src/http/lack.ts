import type { Reason } from '@holdfast/core'
import { db, prepared, type Store } from '@holdfast/store'
import type { SessionLack } from '../sign-in/session-state.ts'
import type { HttpContext } from './http-context.ts'

const referenceById = prepared(({ verificationId }: { verificationId: string }) =>
  db.selectFrom('verifications').select('reference').where('id', '=', verificationId),
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
  const [row] = await store.read(referenceById({ verificationId: signIn.verificationId }))
  return row === undefined ? { reason } : { reason, reference: row.reference }
}
