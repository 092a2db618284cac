import type { Delivery } from '@holdfast/core'
import { type CodeRow, db, interruptedEntries, prepared, type VerificationRow } from '@holdfast/store'
import { sql } from 'kysely'

export type WaitingCode = Pick<CodeRow, 'verificationId' | 'number' | 'dueAtMs' | 'leasedBy'>

/** A code that is being mailed, what its verification is known by, and what the mail says of it. */
export type ClaimedCode = CodeRow &
  Pick<VerificationRow, 'reference' | 'kid' | 'sends' | 'sentAtMs' | 'language'>

export interface WaitingAt {
  nowMs: number
  furthestDueAtMs: number
  /** Of a mail that may have arrived. */
  furthestUnknownDueAtMs: number
  most: number
}

/** What is due further off than anything is ever put off was put off by a clock that was ahead: it is due now. */
export const waitingCodes = prepared(({ nowMs, furthestDueAtMs, furthestUnknownDueAtMs, most }: WaitingAt) =>
  db
    .selectFrom('codes')
    .select(['verificationId', 'number', 'dueAtMs', 'leasedBy'])
    .where('sealed', 'is not', null)
    .where(({ and, eb, or }) =>
      or([
        eb('dueAtMs', '<=', nowMs),
        eb('dueAtMs', '>', furthestUnknownDueAtMs),
        and([eb('dueAtMs', '>', furthestDueAtMs), eb('delivery', '!=', 'unknown')]),
      ]),
    )
    .where('expiresAtMs', '>', nowMs)
    .orderBy('dueAtMs')
    .limit(most),
)

/** Whoever claims a row that is still leased finds that its holder has not come back: see `claimCode`. */
export const recordLapse = prepared((code: WaitingCode & { nowMs: number }) =>
  interruptedEntries(
    db
      .selectFrom('codes')
      .where('verificationId', '=', code.verificationId)
      .where('number', '=', code.number)
      .where('dueAtMs', '=', code.dueAtMs)
      .where('leasedBy', 'is not', null),
    code.nowMs,
  ),
)

/** What another process was handing over when its lease ran out may have arrived. */
export const claimCode = prepared((code: WaitingCode & { instance: string; leasedUntilMs: number }) =>
  db
    .updateTable('codes')
    .set(({ eb }) => ({
      delivery: sql<Delivery>`CASE WHEN ${sql.ref('leasedBy')} IS NULL THEN ${sql.ref('delivery')} ELSE 'unknown' END`,
      dueAtMs: code.leasedUntilMs,
      leasedBy: code.instance,
      tries: eb('tries', '+', 1),
    }))
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

/** A row as it was claimed: only its holder still knows it by this. */
export type Lease = Pick<CodeRow, 'verificationId' | 'number' | 'dueAtMs' | 'leasedBy'>

/** Sent is sent, also where the lease has run out meanwhile. */
export const settleSent = prepared((code: Pick<CodeRow, 'verificationId' | 'number'>) =>
  db
    .updateTable('codes')
    .set({ delivery: 'sent', sealed: null, leasedBy: null })
    .where('verificationId', '=', code.verificationId)
    .where('number', '=', code.number),
)

/** The mail is not tried again. */
export const settleFailed = prepared((lease: Lease) =>
  settled(lease).set({ delivery: unlessUnknown('failed'), sealed: null, leasedBy: null }),
)

export const retryCode = prepared(
  ({ delivery, retryAtMs, ...lease }: Lease & { delivery: Delivery; retryAtMs: number }) =>
    settled(lease).set({ delivery: unlessUnknown(delivery), dueAtMs: retryAtMs, leasedBy: null }),
)

/** Puts a row back as it was: nothing was tried. */
export const returnCode = prepared(({ retryAtMs, ...lease }: Lease & { retryAtMs: number }) =>
  settled(lease).set(({ eb }) => ({ dueAtMs: retryAtMs, leasedBy: null, tries: eb('tries', '-', 1) })),
)

/** The mail server takes mails again: what waits for it need not wait out its time. */
export const bringForward = prepared(({ nowMs }: { nowMs: number }) =>
  db
    .updateTable('codes')
    .set({ dueAtMs: nowMs })
    .where('sealed', 'is not', null)
    // One that may have arrived does not hurry: the server may only be slow with it, and be no better for others' mails.
    .where('delivery', '=', 'delayed')
    .where('leasedBy', 'is', null)
    .where('dueAtMs', '>', nowMs)
    .where('expiresAtMs', '>', nowMs),
)

/** How many mails wait, and since when the oldest does. */
export const backlog = prepared(({ nowMs }: { nowMs: number }) =>
  db
    .selectFrom('codes')
    .select(({ fn }) => [
      fn.countAll<number>().as('waiting'),
      fn.min<number | null>(fn.coalesce('askedAtMs', 'dueAtMs')).as('oldestAtMs'),
    ])
    .where('sealed', 'is not', null)
    .where('expiresAtMs', '>', nowMs),
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

function settled(lease: Lease) {
  return db
    .updateTable('codes')
    .where('verificationId', '=', lease.verificationId)
    .where('number', '=', lease.number)
    .where('dueAtMs', '=', lease.dueAtMs)
    .where('leasedBy', '=', lease.leasedBy)
}

/** A mail that may have arrived goes on to be one that may, whatever a later try came to, until one is sent. */
export function unlessUnknown(delivery: Delivery) {
  return sql<Delivery>`CASE WHEN ${sql.ref('delivery')} = 'unknown' THEN 'unknown' ELSE ${delivery} END`
}

function ofItsVerification<Column extends Exclude<keyof ClaimedCode & keyof VerificationRow, keyof CodeRow>>(
  column: Column,
) {
  return sql<VerificationRow[Column]>`${db
    .selectFrom('verifications')
    .select(column)
    .whereRef('verifications.id', '=', sql.ref('codes.verificationId'))}`
}
