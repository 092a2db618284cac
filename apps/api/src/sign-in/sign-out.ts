import { prepared } from '../store/prepared.ts'
import { db, type SignInRow } from '../store/tables.ts'
import { cancelQueries } from './cancel-verification.ts'
import { ledgerEntry } from './ledger.ts'
import type { SignInContext } from './sign-in-context.ts'

/**
 * Ends the sign-in of a session, also the one that a verification of this session has just led to: its code
 * could be sent again, with the token of this session, for as long as the sign-in lives.
 */
const endOfSession = prepared(({ sessionKey, nowMs }: { sessionKey: string; nowMs: number }) =>
  db
    .updateTable('signIns')
    .set({ endedAtMs: nowMs, endReason: 'signed_out' })
    .where('endedAtMs', 'is', null)
    .where(({ eb, or, selectFrom }) =>
      or([
        eb('sessionKey', '=', sessionKey),
        eb(
          'verificationId',
          'in',
          selectFrom('verifications')
            .select('verifications.id')
            .where('verifications.sessionKey', '=', sessionKey),
        ),
      ]),
    )
    .returning('id'),
)

const endOfAccount = prepared(({ accountId, nowMs }: { accountId: string; nowMs: number }) =>
  db
    .updateTable('signIns')
    .set({ endedAtMs: nowMs, endReason: 'signed_out' })
    .where('endedAtMs', 'is', null)
    .where('accountId', '=', accountId)
    .returning('id'),
)

/**
 * Ends whatever a session has: its sign-in, a verification under way and, if asked, every sign-in of the
 * account. The records are what decides from here on: a slow request that still writes its session back
 * signs nobody in again.
 */
export async function signOut(
  context: SignInContext,
  sessionKey: string,
  everywhereOf: SignInRow | undefined,
): Promise<void> {
  const nowMs = context.clock()
  const ending = [endOfSession({ sessionKey, nowMs })]
  if (everywhereOf !== undefined) ending.push(endOfAccount({ accountId: everywhereOf.accountId, nowMs }))
  const [ended, ...rest] = await context.store.write(...ending, ...cancelQueries(sessionKey, nowMs))
  const signInIds = [ended, ...rest.slice(0, ending.length - 1)]
    .flat()
    .map((row) => (row as { id: string }).id)
  if (signInIds.length === 0) return
  await context.store.write(
    ...signInIds.map((signInId) =>
      ledgerEntry({ atMs: nowMs, event: 'signed_out', signInId, reason: 'signed_out' }),
    ),
  )
}
