import { type Opened, open, pseudonymOf } from '@holdfast/core'
import { mailDeadlineMs } from '@holdfast/settings'
import { ledgerEntry, type Query, type Store } from '@holdfast/store'
import type { KeyRingAccess } from '../keys/key-ring-access.ts'
import { openSealed } from '../keys/open-sealed.ts'
import type { Logger } from '../logger.ts'
import type { Mail } from './code-mail.ts'
import { type CodeMailWriter, type CodeMailWriterOptions, createCodeMailWriter } from './code-mail-writer.ts'
import type { HandOver, MailTransport } from './mail-transport.ts'
import { type ClaimedCode, retryCode, returnCode, settleFailed, settleSent } from './outbox-queries.ts'
import { nextTryAtMs } from './retry-schedule.ts'

export interface CodeDeliveryOptions extends KeyRingAccess, CodeMailWriterOptions {
  store: Store
  clock: () => number
  logger: Logger
  transport: MailTransport
  /** Spreads the retries. */
  random?: () => number
  /** Aborts after so many milliseconds. */
  deadlineAfter?: (ms: number) => AbortSignal
}

const eventOf = {
  sent: 'code_handed_over',
  failed: 'code_not_deliverable',
  delayed: 'code_delayed',
  unknown: 'code_delayed',
} as const satisfies Record<HandOver['delivery'], string>

/** Makes one try at handing over the mail of a code that was claimed, and records what became of it. */
export class CodeDelivery {
  readonly #options: CodeDeliveryOptions
  readonly #writer: CodeMailWriter

  constructor(options: CodeDeliveryOptions) {
    this.#options = options
    this.#writer = createCodeMailWriter(options)
  }

  /** `undefined` when it was too late to try. */
  async deliver(row: ClaimedCode): Promise<HandOver | undefined> {
    const { clock, store } = this.#options
    const startedAtMs = clock()
    const opened = await this.#open(row)
    const mail = opened.ok ? await this.#write(row, opened.text) : undefined
    const retryAtMs = whenTooLate(row, clock())
    if (retryAtMs !== undefined) {
      await store.write(returnCode({ ...row, retryAtMs }))
      return undefined
    }
    const handOver = mail === undefined ? whyNotOpened(opened) : await this.#handOver(row, mail)
    const ms = clock() - startedAtMs
    await this.#settle(row, handOver, ms)
    this.#log(row, handOver, ms)
    return handOver
  }

  #open({ verificationId, sealed }: ClaimedCode): Promise<Opened> {
    return openSealed(this.#options, (ring) => open(ring, 'outbox', verificationId, sealed ?? ''))
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

  #handOver({ expiresAtMs }: ClaimedCode, mail: Mail): Promise<HandOver> {
    const { transport, clock, deadlineAfter = AbortSignal.timeout } = this.#options
    return transport.handOver(mail, deadlineAfter(Math.min(mailDeadlineMs, expiresAtMs - clock())))
  }

  async #settle(row: ClaimedCode, handOver: HandOver, ms: number): Promise<void> {
    const { store, clock } = this.#options
    const nowMs = clock()
    const { verificationId, number, tries } = row
    const { delivery, reply } = handOver
    const event = eventOf[delivery]
    await store.write(
      this.#settlement(row, handOver, nowMs),
      ledgerEntry({ atMs: nowMs, event, verificationId, detail: { number, tries, ms, delivery, reply } }),
    )
  }

  #settlement(row: ClaimedCode, { delivery, isUnanswered }: HandOver, nowMs: number): Query<unknown> {
    if (delivery === 'sent') return settleSent(row)
    if (delivery === 'failed') return settleFailed(row)
    return retryCode({
      ...row,
      delivery,
      retryAtMs: nextTryAtMs({ ...row, nowMs, isUnanswered }, this.#options.random),
    })
  }

  #log(row: ClaimedCode, { delivery, reply }: HandOver, ms: number): void {
    const { logger, store } = this.#options
    const { reference, kid, tries } = row
    const to = pseudonymOf(store.pseudonymKey, row.email)
    const details = { reference, to, kid, ms, tries, reply }
    logger.log(delivery === 'sent' ? 'info' : 'warn', `code ${delivery}`, details)
  }
}

/** When to try instead, where a hand-over would outlast the lease, after a process that stood still, or the code. */
function whenTooLate(
  { dueAtMs: leasedUntilMs, expiresAtMs }: ClaimedCode,
  nowMs: number,
): number | undefined {
  if (expiresAtMs <= nowMs) return expiresAtMs
  return nowMs + mailDeadlineMs > leasedUntilMs ? nowMs : undefined
}

/** A key that this process has not loaded yet may be there at the next try. */
function whyNotOpened(opened: Opened): HandOver {
  return !opened.ok && opened.reason === 'key_unknown'
    ? { delivery: 'delayed', reply: 'the code is sealed with a key that is not in the key ring' }
    : { delivery: 'failed', reply: 'the code was sealed with a key that is gone' }
}
