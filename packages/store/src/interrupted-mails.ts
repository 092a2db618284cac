import { type SelectQueryBuilder, sql } from 'kysely'
import { db, type Tables } from './tables.ts'

/**
 * A row of the ledger for each of the mails that somebody was handing over who is gone, to be written together with
 * what becomes of them and before it.
 */
export function interruptedEntries(codes: SelectQueryBuilder<Tables, 'codes', object>, nowMs: number) {
  return db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'detail'])
    .expression(
      codes
        .where('codes.sealed', 'is not', null)
        .clearSelect()
        .select(({ val, ref }) => [
          val(nowMs).as('atMs'),
          val('code_interrupted').as('event'),
          ref('codes.verificationId').as('verificationId'),
          sql<string>`json_object('number', ${ref('codes.number')}, 'tries', ${ref('codes.tries')}, 'instance', ${ref('codes.leasedBy')})`.as(
            'detail',
          ),
        ]),
    )
}

/** What a server that is gone was handing over may have arrived or not, and is due now. */
export function releaseLeases(instance: string, nowMs: number) {
  return db
    .updateTable('codes')
    .set({ delivery: 'unknown', dueAtMs: nowMs, leasedBy: null })
    .where('leasedBy', '=', instance)
    .where('sealed', 'is not', null)
}
