import { db } from '@holdfast/store'
import { type Expression, sql } from 'kysely'

/**
 * The reference of a verification, by its id: a sign-in outlives the verification that it came from, and the ledger
 * outlives both. Null where even that is over.
 */
export function referenceOf(verificationId: Expression<string>) {
  const ofVerification = db
    .selectFrom('verifications')
    .select('reference')
    .where('verifications.id', '=', verificationId)
  const ofLedger = db
    .selectFrom('ledger')
    .select(sql<string>`json_extract(${sql.ref('ledger.detail')}, '$.reference')`.as('reference'))
    .where('ledger.verificationId', '=', verificationId)
    .where('ledger.event', '=', 'code_asked')
    .limit(sql.lit(1))
  return sql<string | null>`COALESCE(${ofVerification}, ${ofLedger})`
}
