import { fileURLToPath } from 'node:url'
import type { Invariant } from '../src/checks/evidence.ts'
import type { ColumnName, RowName } from '../src/matrix-names.ts'

/** A piece of source text, and what stands in its place when the protection is taken out. */
export interface Replacement {
  path: string
  find: string
  put: string
}

/** Something that keeps a promise, how to take it out, and where the drill then finds which promise broken. */
export interface Protection {
  replaced: Replacement[]
  rows: RowName[]
  column: ColumnName
  breaks: Invariant
  /** How long the fault lasts, in milliseconds. */
  holdMs?: number
  people?: number
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const piece = (path: string, find: string, put: string): Replacement => ({ path: root + path, find, put })

const signIn = 'apps/api/src/sign-in'
const outbox = 'apps/api/src/mail/outbox.ts'
const codeDelivery = 'apps/api/src/mail/code-delivery.ts'
const outboxQueries = 'apps/api/src/mail/outbox-queries.ts'
const connection = 'packages/store/src/sqlite-connection.ts'
const openKeyRing = 'apps/api/src/keys/open-key-ring.ts'

/** No protection: requests that write an old session back late, which by itself does no harm. */
export const slowRequests = piece(
  'apps/api/src/http/reissue.ts',
  'if (kid !== signingKid) await saveSession(ctx)',
  `if (kid !== signingKid) {
    if (ctx.method === 'GET') await new Promise((resolve) => setTimeout(resolve, 1500))
    await saveSession(ctx)
  }`,
)

/** The protections of Holdfast, each of which the drill must miss when it is taken out. */
export const protections: Record<string, Protection> = {
  'a guess is counted': {
    replaced: [piece(`${signIn}/verify-code.ts`, "eb('attempts', '+', 1)", "eb('attempts', '+', 0)")],
    rows: ['tries-spent'],
    column: 'sigterm',
    breaks: 'I4',
  },

  'no guess is looked at past the budget': {
    replaced: [piece(`${signIn}/verify-code.ts`, ".whereRef('attempts', '<', 'maxAttempts')", '')],
    rows: ['tries-spent'],
    column: 'sigterm',
    breaks: 'I4',
  },

  'only what is pending is verified': {
    replaced: [
      piece(`${signIn}/verify-code.ts`, ".where('state', '=', 'pending')", ''),
      piece(`${signIn}/completion-queries.ts`, ".where('state', '=', 'pending')", ''),
    ],
    rows: ['signed-out'],
    column: 'sigterm',
    breaks: 'I2',
  },

  'the id of a sign-in is derived': {
    replaced: [
      piece(
        `${signIn}/complete-sign-in.ts`,
        'signInId: signInIdFor(ring, verification.kid, verification.id)',
        'signInId: createRecordId(Date.now())',
      ),
    ],
    rows: ['right-code'],
    column: 'sigkill',
    breaks: 'I1',
  },

  'a lost answer can be repeated': {
    replaced: [
      piece(
        `${signIn}/verify-code.ts`,
        'if (repeated !== undefined) return',
        'if (repeated !== undefined && nowMs < 0) return',
      ),
    ],
    rows: ['right-code'],
    column: 'sigkill',
    breaks: 'I1',
  },

  'a sign-out ends the record, and not the cookie alone': {
    replaced: [
      piece(
        `${signIn}/sign-out.ts`,
        'endSignIns(ending),',
        "endSignIns({ ...ending, sessionKey: '', accountId: null }),",
      ),
    ],
    rows: ['signed-out'],
    column: 'sigterm',
    breaks: 'I2',
  },

  'the record decides who is signed in, and not the session blob': {
    replaced: [
      piece(
        `${signIn}/own-sign-in.ts`,
        'const reason = whySignInEnded(found.signIn, context)',
        'const reason = undefined',
      ),
      slowRequests,
    ],
    rows: ['signed-out'],
    column: 'key-rotation',
    people: 48,
    breaks: 'I2',
  },

  'a mail that is being handed over is leased': {
    replaced: [
      piece(outboxQueries, 'dueAtMs: code.leasedUntilMs', 'dueAtMs: code.dueAtMs'),
      piece(outbox, 'due.filter((row) => !this.#inFlight.has(nameOfCode(row)))', 'due'),
      piece(
        codeDelivery,
        'return nowMs + mailDeadlineMs > leasedUntilMs ? nowMs : undefined',
        'return undefined',
      ),
    ],
    rows: ['mail-queued', 'code-sent'],
    column: 'mail-hung',
    breaks: 'I5',
  },

  'a mail that was not taken is tried again': {
    replaced: [piece(outboxQueries, ".orderBy('dueAtMs')", ".where('tries', '=', 0).orderBy('dueAtMs')")],
    rows: ['mail-queued'],
    column: 'mail-deferred',
    breaks: 'lost',
  },

  'a code is wiped once its mail is handed over, and not before': {
    replaced: [
      piece(
        codeDelivery,
        'const opened = await this.#open(row)\n',
        "const opened = await this.#open(row)\n    await this.#settle(row, { delivery: 'sent', reply: '' }, 0)\n",
      ),
    ],
    rows: ['mail-queued'],
    column: 'mail-deferred',
    breaks: 'lost',
  },

  'an answer waits for its commit': {
    replaced: [
      piece(
        connection,
        'this.#rollBack()\n    this.run({ sql: begin, parameters: [] })',
        'if (!this.#database.isTransaction) this.run({ sql: begin, parameters: [] })',
      ),
      piece(
        connection,
        "const result = work()\n      this.run({ sql: 'COMMIT', parameters: [] })",
        `const result = work()
        clearTimeout(globalThis.committing)
        globalThis.committing = setTimeout(
          () => this.#database.isTransaction && this.run({ sql: 'COMMIT', parameters: [] }),
          1000,
        )`,
      ),
    ],
    rows: ['right-code'],
    column: 'sigkill',
    breaks: 'I1',
  },

  'the keys outlive a restart': {
    replaced: [
      piece(
        openKeyRing,
        'const nowMs = clock()\n',
        "const nowMs = clock()\n  ;(await import('node:fs')).rmSync('data/secret_key.txt', { force: true })\n",
      ),
      piece(openKeyRing, 'const mayCreate = !isProduction', 'const mayCreate = true'),
      piece(openKeyRing, 'if (isProduction && faults.length > 0)', 'if (isProduction && faults.length < 0)'),
    ],
    rows: ['code-sent', 'signed-in'],
    column: 'sigterm',
    breaks: 'I7',
  },

  'a rotation keeps the older key': {
    replaced: [
      piece(
        'packages/core/src/key-ring-changes.ts',
        'return change(settled, [...begun, key])',
        'return change(settled, [{ ...key, signsFromMs: nowMs }])',
      ),
      piece(openKeyRing, 'if (isProduction && faults.length > 0)', 'if (isProduction && faults.length < 0)'),
    ],
    rows: ['signed-in', 'rotation'],
    column: 'sigterm',
    breaks: 'I7',
  },

  'an outage leaves the cookie alone': {
    replaced: [
      piece('apps/api/src/http/problem-errors.ts', "ctx.remove('Set-Cookie')", ''),
      piece(
        'apps/api/src/http/problem-errors.ts',
        "const detail = 'The service cannot reach its store.",
        `ctx.set('Set-Cookie', '__Host-holdfast=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; secure; httponly')
        ctx.body = { state: 'anonymous' }
        if (ctx.status === 200) return
        const detail = 'The service cannot reach its store.`,
      ),
    ],
    rows: ['signed-in', 'right-code'],
    column: 'lock-held',
    // A store that is locked is waited for.
    holdMs: 7_000,
    breaks: 'I1',
  },

  'every copy of a mail has the same Message-ID': {
    replaced: [piece('apps/api/src/mail/code-mail.ts', 'options.verificationId}.', 'Math.random()}.')],
    rows: ['mail-queued'],
    column: 'mail-cut',
    // Longer than the first retry waits.
    holdMs: 3_000,
    breaks: 'I5',
  },
}
