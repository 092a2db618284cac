import { db, prepared, type SignInRow, signInEndEntries } from '@holdfast/store'
import { sql } from 'kysely'
import { cancelQueries } from './cancel-verification.ts'
import { endedSignIn, tellEnded } from './ended-sign-in.ts'
import type { SignInContext } from './sign-in-context.ts'

interface Ending {
  sessionKey: string
  /** Every sign-in of this account ends too; null for none. */
  accountId: string | null
  nowMs: number
}

const recordSignedOut = prepared((ending: Ending) =>
  signInEndEntries(db.selectFrom('signIns').where(endsWith(ending)), {
    atMs: ending.nowMs,
    event: 'signed_out',
    reason: 'signed_out',
    detail: elsewhere(ending),
  }),
)

const endSignIns = prepared((ending: Ending) =>
  db
    .updateTable('signIns')
    .set({ endedAtMs: ending.nowMs, endReason: 'signed_out' })
    .where(endsWith(ending))
    .returning(endedSignIn),
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
  const ending = { sessionKey, accountId: everywhereOf?.accountId ?? null, nowMs }
  const [, ended] = await context.store.write(
    recordSignedOut(ending),
    endSignIns(ending),
    ...cancelQueries(sessionKey, nowMs),
  )
  tellEnded(context.tell, 'signed out', ended)
}

/** Signed out everywhere, from another browser than its own. */
function elsewhere({ sessionKey, accountId }: Ending) {
  return sql<string | null>`CASE
    WHEN ${sql.ref('signIns.accountId')} = ${accountId} AND ${sql.ref('signIns.sessionKey')} <> ${sessionKey}
    THEN '{"everywhere":true}' END`
}

/**
 * The live sign-ins that a sign-out ends: also the one that a verification of this session has just led to,
 * because its code could be sent again, with the token of this session, for as long as it lives.
 */
function endsWith({ sessionKey, accountId }: Ending) {
  return sql<boolean>`${sql.ref('signIns.endedAtMs')} IS NULL AND (
    ${sql.ref('signIns.sessionKey')} = ${sessionKey}
    OR ${sql.ref('signIns.accountId')} = ${accountId}
    OR ${sql.ref('signIns.verificationId')} IN ${db
      .selectFrom('verifications')
      .select('verifications.id')
      .where('verifications.sessionKey', '=', sessionKey)}
  )`
}
