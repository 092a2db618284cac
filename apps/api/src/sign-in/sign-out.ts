import { db, type SignInRow } from '../store/tables.ts'
import { ledgerEntry } from './ledger.ts'
import type { SignInContext } from './sign-in-context.ts'

/**
 * Ends a sign-in, or every one of its account. The record is what decides from here on: a slow request that
 * still writes its session back signs nobody in again. (security.md 0.2)
 */
export async function signOut(context: SignInContext, signIn: SignInRow, everywhere: boolean): Promise<void> {
  const nowMs = context.clock()
  const ending = db
    .updateTable('signIns')
    .set({ endedAtMs: nowMs, endReason: 'signed_out' })
    .where('endedAtMs', 'is', null)
  await context.store.write(
    everywhere ? ending.where('accountId', '=', signIn.accountId) : ending.where('id', '=', signIn.id),
    ledgerEntry({ atMs: nowMs, event: 'signed_out', signInId: signIn.id, reason: 'signed_out' }),
  )
}
