import { type KeyRing, open, seal } from '@holdfast/core'
import { db, prepared, type Store, type Tables } from '@holdfast/store'
import { sql } from 'kysely'
import type { Mail } from './code-mail.ts'
import { queuedTo } from './outbox-queries.ts'

export interface StoredMail {
  to: string
  subject: string
  text: string
  html: string
  at: string
}

/** A mail with what the page of the mailbox shows beside it. */
export interface KeptMail extends StoredMail {
  id: string
  /** Null in a mail of an older version. */
  code: string | null
}

/**
 * The mails of a development server, for whoever develops: in the store, so that they outlive a restart as
 * everything else does, and sealed, so that the file holds no code. Only the newest are kept.
 */
export interface DevMailbox {
  add(mail: Mail): Promise<void>
  /** Newest first; to one address or to all. */
  list(to: string | undefined): Promise<StoredMail[]>
  /** Newest first; those to addresses that hold `text`. */
  find(text: string): Promise<KeptMail[]>
  read(id: string): Promise<KeptMail | undefined>
  /** Whether a mail to that address is still on its way. */
  isExpecting(to: string): Promise<boolean>
}

const keptForMs = 24 * 3_600_000
const mostListed = 50

const insertMail = prepared((row: Tables['devMails']) =>
  db
    .insertInto('devMails')
    .values(row)
    // A mail that is tried again is the same mail.
    .onConflict((conflict) => conflict.doNothing()),
)

const deleteOlder = prepared(({ recipient, beforeMs }: { recipient: string; beforeMs: number }) =>
  db.deleteFrom('devMails').where('recipient', '=', recipient).where('atMs', '<', beforeMs),
)

const newestMails = prepared(() =>
  db.selectFrom('devMails').selectAll().orderBy('atMs', 'desc').limit(sql.lit(mostListed)),
)

const newestMailsTo = prepared(({ recipient }: { recipient: string }) =>
  db
    .selectFrom('devMails')
    .selectAll()
    .where('recipient', '=', recipient)
    .orderBy('atMs', 'desc')
    .limit(sql.lit(mostListed)),
)

const newestMailsAbout = prepared(({ text }: { text: string }) =>
  db
    .selectFrom('devMails')
    .selectAll()
    .where(sql<boolean>`instr(lower(recipient), lower(${text})) > 0`)
    .orderBy('atMs', 'desc')
    .limit(sql.lit(mostListed)),
)

const mailOf = prepared(({ id }: { id: string }) =>
  db.selectFrom('devMails').selectAll().where('id', '=', id),
)

export function createDevMailbox(options: {
  store: Store
  keyRing: () => KeyRing
  clock: () => number
}): DevMailbox {
  const { store, keyRing, clock } = options

  function openMail(row: Tables['devMails']): KeptMail[] {
    const opened = open(keyRing(), 'outbox', row.id, row.sealed)
    if (!opened.ok) return []
    const { code = null, ...parts } = JSON.parse(opened.text)
    return [{ ...parts, code, id: row.id, to: row.recipient, at: new Date(row.atMs).toISOString() }]
  }

  return {
    async add(mail) {
      const { to, subject, text, html, code, messageId: id } = mail
      const sealed = seal(keyRing(), 'outbox', id, JSON.stringify({ subject, text, html, code }))
      const atMs = clock()
      await store.write(
        insertMail({ id, recipient: to, sealed, atMs }),
        deleteOlder({ recipient: to, beforeMs: atMs - keptForMs }),
      )
    },

    async list(to) {
      const rows = await store.read(to === undefined ? newestMails({}) : newestMailsTo({ recipient: to }))
      return rows
        .flatMap(openMail)
        .map(({ to, subject, text, html, at }) => ({ to, subject, text, html, at }))
    },

    async find(text) {
      return (await store.read(newestMailsAbout({ text }))).flatMap(openMail)
    },

    async read(id) {
      return (await store.read(mailOf({ id }))).flatMap(openMail)[0]
    },

    async isExpecting(to) {
      const [row] = await store.read(queuedTo({ email: to, nowMs: clock() }))
      return row !== undefined
    },
  }
}
