import { sql } from 'kysely'
import type { Query } from './store.ts'
import { db, type Tables } from './tables.ts'

export interface PurgeBatch {
  /** What was over by then, and has been kept long enough on top, goes. */
  horizonMs: number
  limit: number
}

interface PurgedTable {
  table: keyof Tables
  /** The last of them returns a row for each row that went. */
  queries: (batch: PurgeBatch) => [...Query<unknown>[], Query<unknown>]
}

const dayMs = 86_400_000
/** On top of the day that everything is kept after its end. */
const extraDays = { verifications: 6, ledger: 399 }

const verificationHorizon = (horizonMs: number) => horizonMs - extraDays.verifications * dayMs

/** By rowid last, as the index has it: both queries of a batch take the same rows, and nothing has to be sorted. */
const overSignIns = ({ horizonMs, limit }: PurgeBatch) =>
  db
    .selectFrom('signIns')
    .where('signIns.expiresAtMs', '<=', horizonMs)
    .orderBy('signIns.expiresAtMs')
    .orderBy(sql`${sql.ref('signIns.rowid')}`)
    .limit(limit)

const overVerifications = ({ horizonMs, limit }: PurgeBatch) =>
  db
    .selectFrom('verifications')
    .where('verifications.expiresAtMs', '<=', verificationHorizon(horizonMs))
    .orderBy('verifications.expiresAtMs')
    .orderBy(sql`${sql.ref('verifications.rowid')}`)
    .limit(limit)

/** A blob has no time of its own: it goes with the last record of its session. */
function blobsOf(sessionKeys: ReturnType<typeof keysOf>, { horizonMs }: PurgeBatch) {
  return db
    .deleteFrom('sessionBlobs')
    .where('sessionBlobs.key', 'in', sessionKeys)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('signIns')
            .select('signIns.id')
            .whereRef('signIns.sessionKey', '=', 'sessionBlobs.key')
            .where('signIns.expiresAtMs', '>', horizonMs),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('verifications')
            .select('verifications.id')
            .whereRef('verifications.sessionKey', '=', 'sessionBlobs.key')
            .where('verifications.expiresAtMs', '>', verificationHorizon(horizonMs)),
        ),
      ),
    )
}

function keysOf(table: 'signIns' | 'verifications', batch: PurgeBatch) {
  return table === 'signIns'
    ? overSignIns(batch).select('signIns.sessionKey')
    : overVerifications(batch).select('verifications.sessionKey')
}

/**
 * What is forgotten, and when. Sign-ins, ended ones too, tell a cookie why it does not hold until the cookie is gone;
 * verifications are kept for whoever asks with their reference a week later.
 */
export const purgedTables: readonly PurgedTable[] = [
  {
    table: 'signIns',
    queries: (batch) => [
      blobsOf(keysOf('signIns', batch), batch),
      db.deleteFrom('signIns').where('id', 'in', overSignIns(batch).select('signIns.id')).returning('id'),
    ],
  },
  {
    table: 'verifications',
    queries: (batch) => [
      blobsOf(keysOf('verifications', batch), batch),
      // Their codes go with them.
      db
        .deleteFrom('verifications')
        .where('id', 'in', overVerifications(batch).select('verifications.id'))
        .returning('id'),
    ],
  },
  {
    table: 'limits',
    queries: ({ horizonMs, limit }) => [
      db
        .deleteFrom('limits')
        .where('key', 'in', ({ selectFrom }) =>
          selectFrom('limits as over')
            .select('over.key')
            .where('over.windowEndsAtMs', '<=', horizonMs)
            .where(({ eb, or }) =>
              or([eb('over.waitUntilMs', 'is', null), eb('over.waitUntilMs', '<=', horizonMs)]),
            )
            .limit(limit),
        )
        .returning('key'),
    ],
  },
  {
    table: 'devMails',
    queries: ({ horizonMs, limit }) => [
      db
        .deleteFrom('devMails')
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('devMails as over').select('over.id').where('over.atMs', '<=', horizonMs).limit(limit),
        )
        .returning('id'),
    ],
  },
  {
    table: 'ledger',
    queries: ({ horizonMs, limit }) => [
      db
        .deleteFrom('ledger')
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('ledger as over')
            .select('over.id')
            .where('over.atMs', '<=', horizonMs - extraDays.ledger * dayMs)
            .orderBy('over.atMs')
            .limit(limit),
        )
        .returning('id'),
    ],
  },
]
