import { db } from '../store/tables.ts'
import { wipeOutbox } from './completion-queries.ts'
import { findVerification } from './find-verification.ts'
import { ledgerEntry } from './ledger.ts'
import type { SignInContext } from './sign-in-context.ts'

/** Ends the session's verification, if it has one that is pending: "use another address". */
export async function cancelVerification(context: SignInContext, sessionKey: string): Promise<void> {
  const verification = await findVerification(context.store, sessionKey)
  if (verification?.state !== 'pending') return
  await context.store.write(
    db
      .updateTable('verifications')
      .set({ state: 'cancelled' })
      .where('id', '=', verification.id)
      .where('state', '=', 'pending'),
    wipeOutbox({ verificationId: verification.id }),
    ledgerEntry({
      atMs: context.clock(),
      event: 'verification_cancelled',
      verificationId: verification.id,
      reason: 'verification_cancelled',
    }),
  )
}
