import { type CodeRow, db, prepared, type VerificationRow } from '@holdfast/store'
import { sql } from 'kysely'

export type WaitingCode = Pick<CodeRow, 'verificationId' | 'number' | 'dueAtMs'>

/** A code that is being mailed, what its verification is known by, and what the mail says of it. */
export type ClaimedCode = CodeRow &
  Pick<VerificationRow, 'reference' | 'kid' | 'sends' | 'sentAtMs' | 'language'>

/** More than any transport takes at once. */
const mostRead = 100

/** What is due further off than anything is ever put off was put off by a clock that was ahead: it is due now. */
export const waitingCodes = prepared(
  ({ nowMs, furthestDueAtMs }: { nowMs: number; furthestDueAtMs: number }) =>
    db
      .selectFrom('codes')
      .select(['verificationId', 'number', 'dueAtMs'])
      .where('sealed', 'is not', null)
      .where(({ eb, or }) => or([eb('dueAtMs', '<=', nowMs), eb('dueAtMs', '>', furthestDueAtMs)]))
      .where('expiresAtMs', '>', nowMs)
      .orderBy('dueAtMs')
      .limit(sql.lit(mostRead)),
)

export const claimCode = prepared((code: WaitingCode & { leasedUntilMs: number }) =>
  db
    .updateTable('codes')
    .set(({ eb }) => ({ dueAtMs: code.leasedUntilMs, tries: eb('tries', '+', 1) }))
    .where('verificationId', '=', code.verificationId)
    .where('number', '=', code.number)
    .where('dueAtMs', '=', code.dueAtMs)
    .where('sealed', 'is not', null)
    .returningAll()
    .returning([
      ofItsVerification('reference').as('reference'),
      ofItsVerification('kid').as('kid'),
      ofItsVerification('sends').as('sends'),
      ofItsVerification('sentAtMs').as('sentAtMs'),
      ofItsVerification('language').as('language'),
    ]),
)

export const settleCode = prepared((code: Pick<CodeRow, 'verificationId' | 'number' | 'delivery'>) =>
  db
    .updateTable('codes')
    .set({ delivery: code.delivery, sealed: null })
    .where('verificationId', '=', code.verificationId)
    .where('number', '=', code.number),
)

export const retryCode = prepared((code: WaitingCode & Pick<CodeRow, 'delivery'>) =>
  db
    .updateTable('codes')
    .set({ delivery: code.delivery, dueAtMs: code.dueAtMs })
    .where('verificationId', '=', code.verificationId)
    .where('number', '=', code.number),
)

/** Whether there is any: asking takes no write lock, which another program may hold. */
export const anyExpired = prepared(({ nowMs }: { nowMs: number }) =>
  db
    .selectFrom('codes')
    .select('number')
    .where('sealed', 'is not', null)
    .where('expiresAtMs', '<=', nowMs)
    .limit(sql.lit(1)),
)

/** A code that nobody could use any more is not mailed, and not kept. */
export const wipeExpired = prepared(({ nowMs }: { nowMs: number }) =>
  db
    .updateTable('codes')
    .set({ delivery: 'failed', sealed: null })
    .where('sealed', 'is not', null)
    .where('expiresAtMs', '<=', nowMs),
)

/** Finds a mail to an address that was not tried yet. */
export const queuedTo = prepared(({ email, nowMs }: { email: string; nowMs: number }) =>
  db
    .selectFrom('codes')
    .select('number')
    .where('email', '=', email)
    .where('sealed', 'is not', null)
    .where('delivery', '=', 'queued')
    .where('expiresAtMs', '>', nowMs)
    .limit(sql.lit(1)),
)

function ofItsVerification<Column extends Exclude<keyof ClaimedCode & keyof VerificationRow, keyof CodeRow>>(
  column: Column,
) {
  return sql<VerificationRow[Column]>`${db
    .selectFrom('verifications')
    .select(column)
    .whereRef('verifications.id', '=', sql.ref('codes.verificationId'))}`
}
