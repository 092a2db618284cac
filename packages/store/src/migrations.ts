import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'

/*
 * Forward only, and each one leaves the previous version of Holdfast running: two versions share the
 * store while a deploy rolls.
 */
const migrations: Record<string, Migration> = {
  '0001-foundation': {
    async up(schema: Kysely<unknown>) {
      const create = schema.schema
      await create
        .createTable('meta')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute()
      await create
        .createTable('accounts')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('email', 'text', (column) => column.notNull().unique())
        .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
        .execute()
      await create
        .createTable('verifications')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('reference', 'text', (column) => column.notNull().unique())
        .addColumn('sessionKey', 'text', (column) => column.notNull())
        .addColumn('kid', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('email', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('maxAttempts', 'integer', (column) => column.notNull())
        .addColumn('sends', 'integer', (column) => column.notNull())
        .addColumn('codeLength', 'integer', (column) => column.notNull())
        .addColumn('createdAtMs', 'bigint', (column) => column.notNull())
        .addColumn('sentAtMs', 'bigint', (column) => column.notNull())
        .addColumn('resendAtMs', 'bigint', (column) => column.notNull())
        .addColumn('expiresAtMs', 'bigint', (column) => column.notNull())
        .addColumn('verifiedAtMs', 'bigint')
        .addColumn('acceptedMac', 'text')
        .execute()
      await create
        .createIndex('verificationsBySession')
        .on('verifications')
        .columns(['sessionKey', 'createdAtMs'])
        .execute()
      await create
        .createTable('codes')
        .addColumn('verificationId', 'text', (column) =>
          column.notNull().references('verifications.id').onDelete('cascade'),
        )
        .addColumn('number', 'integer', (column) => column.notNull())
        .addColumn('mac', 'text', (column) => column.notNull())
        .addColumn('email', 'text', (column) => column.notNull())
        .addColumn('sealed', 'text')
        .addColumn('expiresAtMs', 'bigint', (column) => column.notNull())
        .addColumn('delivery', 'text', (column) => column.notNull())
        .addColumn('tries', 'integer', (column) => column.notNull())
        .addColumn('dueAtMs', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('codesKey', ['verificationId', 'number'])
        .execute()
      await create
        .createIndex('outbox')
        .on('codes')
        .column('dueAtMs')
        .where(sql.ref('sealed'), 'is not', null)
        .execute()
      await create
        .createTable('signIns')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('accountId', 'text', (column) => column.notNull().references('accounts.id'))
        .addColumn('verificationId', 'text', (column) => column.notNull().unique())
        .addColumn('sessionKey', 'text', (column) => column.notNull())
        .addColumn('kid', 'text', (column) => column.notNull())
        .addColumn('authTimeMs', 'bigint', (column) => column.notNull())
        .addColumn('lastSeenAtMs', 'bigint', (column) => column.notNull())
        .addColumn('expiresAtMs', 'bigint', (column) => column.notNull())
        .addColumn('endedAtMs', 'bigint')
        .addColumn('endReason', 'text')
        .execute()
      await create.createIndex('signInsBySession').on('signIns').column('sessionKey').execute()
      await create.createIndex('signInsByAccount').on('signIns').column('accountId').execute()
      await create
        .createTable('ledger')
        .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('atMs', 'bigint', (column) => column.notNull())
        .addColumn('event', 'text', (column) => column.notNull())
        .addColumn('verificationId', 'text')
        .addColumn('signInId', 'text')
        .addColumn('kid', 'text')
        .addColumn('reason', 'text')
        .execute()
      await create.createIndex('ledgerByVerification').on('ledger').column('verificationId').execute()
      await create
        .createIndex('ledgerOneSignedIn')
        .unique()
        .on('ledger')
        .column('signInId')
        .where(sql.ref('event'), '=', sql.lit('signed_in'))
        .execute()
      await create
        .createTable('limits')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('count', 'integer', (column) => column.notNull())
        .addColumn('windowEndsAtMs', 'bigint', (column) => column.notNull())
        .execute()
      await create
        .createTable('devMails')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('recipient', 'text', (column) => column.notNull())
        .addColumn('sealed', 'text', (column) => column.notNull())
        .addColumn('atMs', 'bigint', (column) => column.notNull())
        .execute()
      await create.createIndex('devMailsByRecipient').on('devMails').columns(['recipient', 'atMs']).execute()
    },
  },
  // As @keyv/sqlite makes it: a start counts by the blobs' keys before anything is kept in it.
  '0002-session-blobs': {
    async up(schema: Kysely<unknown>) {
      await schema.schema
        .createTable('sessionBlobs')
        .ifNotExists()
        .addColumn('key', 'varchar(255)', (column) => column.notNull())
        .addColumn('value', 'text')
        .addColumn('namespace', 'varchar(255)', (column) => column.notNull().defaultTo(''))
        .addColumn('expires', 'bigint')
        .addUniqueConstraint('sessionBlobsKey', ['key', 'namespace'])
        .execute()
    },
  },
  // What a row of the ledger tells on top, waits of a budget that is spent, and the way to what is over by time.
  '0003-details-waits-and-ends': {
    async up(schema: Kysely<unknown>) {
      const { schema: change } = schema
      await change.alterTable('ledger').addColumn('detail', 'text').execute()
      await change.alterTable('limits').addColumn('waitUntilMs', 'bigint').execute()
      await change.createIndex('ledgerBySignIn').on('ledger').column('signInId').execute()
      await change.createIndex('ledgerByTime').on('ledger').column('atMs').execute()
      await change.createIndex('verificationsByEnd').on('verifications').column('expiresAtMs').execute()
      await change.createIndex('signInsByEnd').on('signIns').column('expiresAtMs').execute()
      await change.createIndex('limitsByEnd').on('limits').column('windowEndsAtMs').execute()
    },
  },
  // What a verification has added to the guesses at its address, and by which request it was changed last.
  '0004-chances-and-changes': {
    async up(schema: Kysely<unknown>) {
      await schema.schema
        .alterTable('verifications')
        .addColumn('chances', 'integer', (column) => column.notNull().defaultTo(0))
        .execute()
      await schema.schema.alterTable('verifications').addColumn('changeId', 'text').execute()
    },
  },
  // What the mail of a code says: in which language, and when it was asked for.
  '0005-languages': {
    async up(schema: Kysely<unknown>) {
      await schema.schema.alterTable('verifications').addColumn('language', 'text').execute()
      await schema.schema.alterTable('codes').addColumn('askedAtMs', 'bigint').execute()
    },
  },
  // Who holds the lease of a mail: what a server that has died was handing over is known at once.
  '0006-lease-holders': {
    async up(schema: Kysely<unknown>) {
      await schema.schema.alterTable('codes').addColumn('leasedBy', 'text').execute()
    },
  },
  // Which request asked for a code: repeated because its answer was lost, it asks for no other.
  '0007-asking-requests': {
    async up(schema: Kysely<unknown>) {
      await schema.schema.alterTable('codes').addColumn('askingRequest', 'text').execute()
      await schema.schema
        .createIndex('codesByAskingRequest')
        .on('codes')
        .column('askingRequest')
        .unique()
        .where(sql.ref('askingRequest'), 'is not', null)
        .execute()
    },
  },
}

/** The name of the last one: a store that has it can be read by this version. */
export const newestMigration = Object.keys(migrations).sort().at(-1) ?? ''

/**
 * Brings the tables up to date. All of it is one transaction that also keeps out other processes, which
 * may be starting at the same moment.
 */
export async function migrate(database: DatabaseSync): Promise<void> {
  const migrator = new Migrator({
    db: new Kysely({ dialect: new SqliteDialect({ database: asKyselyDatabase(database) }) }),
    provider: { getMigrations: async () => ({ ...namesOfNewer(database), ...migrations }) },
  })
  database.exec('BEGIN IMMEDIATE')
  const { error } = await migrator.migrateToLatest()
  database.exec(error === undefined ? 'COMMIT' : 'ROLLBACK')
  if (error !== undefined) throw error
}

/**
 * What a newer version has done already, which this one need not know: migrations leave the version before them running,
 * and a deploy that is rolled back starts it anew.
 */
function namesOfNewer(database: DatabaseSync): Record<string, Migration> {
  const table = database.prepare("SELECT name FROM sqlite_schema WHERE name = 'kysely_migration'").get()
  if (table === undefined) return {}
  const done = database.prepare('SELECT name FROM kysely_migration WHERE name > ?').all(newestMigration)
  return Object.fromEntries(done.map(({ name }) => [String(name), { async up() {} }]))
}

/** Kysely's dialect expects the methods of better-sqlite3, which node:sqlite nearly has. */
function asKyselyDatabase(database: DatabaseSync) {
  return {
    close() {},
    prepare(text: string) {
      const statement = database.prepare(text)
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SQLInputValue[])),
      }
    },
  }
}
