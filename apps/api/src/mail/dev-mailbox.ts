import { type KeyRing, open, seal } from '@holdfast/core'
import type { Store } from '../store/store.ts'
import { db } from '../store/tables.ts'
import type { Mail } from './code-mail.ts'

export interface StoredMail {
  to: string
  subject: string
  text: string
  html: string
  at: string
}

/**
 * The mails of a development server, for whoever develops: in the store, so that they outlive a restart as
 * everything else does, and sealed, so that the file holds no code. Only the newest are kept.
 */
export interface DevMailbox {
  add(mail: Mail): Promise<void>
  /** Newest first; to one address or to all. */
  list(to: string | undefined): Promise<StoredMail[]>
  /** Whether a mail to that address is still on its way. */
  isExpecting(to: string): Promise<boolean>
}

const keptForMs = 24 * 3_600_000
const mostListed = 50

export function createDevMailbox(options: {
  store: Store
  keyRing: () => KeyRing
  clock: () => number
}): DevMailbox {
  const { store, keyRing, clock } = options

  return {
    async add(mail) {
      const { to, subject, text, html, messageId: id } = mail
      const sealed = seal(keyRing(), 'outbox', id, JSON.stringify({ subject, text, html }))
      await store.write(
        db
          .insertInto('devMails')
          .values({ id, recipient: to, sealed, atMs: clock() })
          // A mail that is tried again is the same mail.
          .onConflict((conflict) => conflict.doNothing()),
        db
          .deleteFrom('devMails')
          .where('recipient', '=', to)
          .where('atMs', '<', clock() - keptForMs),
      )
    },

    async list(to) {
      let query = db.selectFrom('devMails').selectAll().orderBy('atMs', 'desc').limit(mostListed)
      if (to !== undefined) query = query.where('recipient', '=', to)
      const rows = await store.read(query)
      return rows.flatMap((row) => {
        const opened = open(keyRing(), 'outbox', row.id, row.sealed)
        if (!opened.ok) return []
        return [{ to: row.recipient, ...JSON.parse(opened.text), at: new Date(row.atMs).toISOString() }]
      })
    },

    async isExpecting(to) {
      const [row] = await store.read(
        db
          .selectFrom('codes')
          .select('number')
          .where('email', '=', to)
          .where('sealed', 'is not', null)
          .where('delivery', '=', 'queued')
          .where('expiresAtMs', '>', clock())
          .limit(1),
      )
      return row !== undefined
    },
  }
}
