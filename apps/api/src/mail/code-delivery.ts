import { type KeyRing, type Opened, open, pseudonymOf } from '@holdfast/core'
import { type CodeRow, ledgerEntry, type Store } from '@holdfast/store'
import type { KeyRingAccess } from '../keys/key-ring-access.ts'
import type { Logger } from '../logger.ts'
import type { Mail } from './code-mail.ts'
import { type CodeMailWriter, type CodeMailWriterOptions, createCodeMailWriter } from './code-mail-writer.ts'
import type { HandOver, MailTransport } from './mail-transport.ts'
import { type ClaimedCode, retryCode, settleCode } from './outbox-queries.ts'
import { retryDelayMs } from './retry-schedule.ts'

export interface CodeDeliveryOptions extends KeyRingAccess, CodeMailWriterOptions {
  store: Store
  clock: () => number
  logger: Logger
  transport: MailTransport
}

/** Makes one try at handing over the mail of a code that was claimed, and records what became of it. */
export class CodeDelivery {
  readonly #options: CodeDeliveryOptions
  readonly #writer: CodeMailWriter

  constructor(options: CodeDeliveryOptions) {
    this.#options = options
    this.#writer = createCodeMailWriter(options)
  }

  async deliver(row: ClaimedCode): Promise<void> {
    const { transport, clock } = this.#options
    const startedAtMs = clock()
    const opened = await this.#open(row)
    const handOver = opened.ok
      ? await transport.handOver(await this.#write(row, opened.text))
      : whyNotOpened(opened.reason)
    const ms = clock() - startedAtMs
    await this.#settle(row, handOver, ms)
    this.#log(row, handOver, ms)
  }

  async #open({ verificationId, sealed }: CodeRow): Promise<Opened> {
    const openWith = (ring: KeyRing) => open(ring, 'outbox', verificationId, sealed ?? '')
    const opened = openWith(this.#options.keyRing())
    if (opened.ok || opened.reason !== 'key_unknown') return opened
    return openWith(await this.#options.keyRingKnowing(opened.kid))
  }

  #write(row: ClaimedCode, code: string): Promise<Mail> {
    const { email, number, verificationId, sends, language } = row
    const askedAt = new Date(row.askedAtMs ?? row.sentAtMs)
    const expiresAt = new Date(row.expiresAtMs)
    return this.#writer.write(
      { to: email, code, number, total: sends, verificationId, askedAt, expiresAt },
      language,
    )
  }

  async #settle(row: CodeRow, { delivery, reply }: HandOver, ms: number): Promise<void> {
    const { store, clock } = this.#options
    const nowMs = clock()
    const isOver = delivery !== 'delayed'
    const event = delivery === 'sent' ? 'code_handed_over' : isOver ? 'code_not_deliverable' : 'code_delayed'
    const { verificationId, number, tries } = row
    await store.write(
      isOver
        ? settleCode({ verificationId, number, delivery })
        : retryCode({ verificationId, number, delivery, dueAtMs: nowMs + retryDelayMs(tries) }),
      ledgerEntry({ atMs: nowMs, event, verificationId, detail: { number, tries, ms, delivery, reply } }),
    )
  }

  #log(row: ClaimedCode, { delivery, reply }: HandOver, ms: number): void {
    const { logger, store } = this.#options
    const { reference, kid, tries } = row
    const to = pseudonymOf(store.pseudonymKey, row.email)
    logger.log(delivery === 'sent' ? 'info' : 'warn', `code ${delivery}`, {
      reference,
      to,
      kid,
      ms,
      tries,
      reply,
    })
  }
}

/** A key that this process has not loaded yet may be there at the next try. */
function whyNotOpened(reason: Exclude<Opened, { ok: true }>['reason']): HandOver {
  return reason === 'key_unknown'
    ? { delivery: 'delayed', reply: 'the code is sealed with a key that is not in the key ring' }
    : { delivery: 'failed', reply: 'the code was sealed with a key that is gone' }
}
