import { type Delivery, deliveryAt } from '@holdfast/core'
import { db, type VerificationRow } from '@holdfast/store'
import type { SignInContext } from './sign-in-context.ts'

/** Where the mail of the newest code is; `unknown` where the code is purged. */
export async function readDelivery(
  { store, clock }: SignInContext,
  verification: VerificationRow,
): Promise<Delivery> {
  const [code] = await store.read(
    db
      .selectFrom('codes')
      .selectAll()
      .where('verificationId', '=', verification.id)
      .where('number', '=', verification.sends),
  )
  return code === undefined ? 'unknown' : deliveryAt(code, clock())
}
