import { EventEmitter, once } from 'node:events'
import { type KeyRing, type Opened, open, pseudonymOf } from '@holdfast/core'
import { type CodeRow, ledgerEntry, type Store } from '@holdfast/store'
import { ClockSteadiness } from '../clock-steadiness.ts'
import type { KeyRingAccess } from '../keys/key-ring-access.ts'
import type { Logger } from '../logger.ts'
import type { Mail } from './code-mail.ts'
import { type CodeMailWriter, type CodeMailWriterOptions, createCodeMailWriter } from './code-mail-writer.ts'
import type { HandOver, MailTransport } from './mail-transport.ts'
import {
  anyExpired,
  type ClaimedCode,
  claimCode,
  retryCode,
  settleCode,
  type WaitingCode,
  waitingCodes,
  wipeExpired,
} from './outbox-queries.ts'

export interface OutboxOptions extends KeyRingAccess, CodeMailWriterOptions {
  store: Store
  clock: () => number
  logger: Logger
  transport: MailTransport
  /** Milliseconds that no setting of the clock changes. */
  uptime?: () => number
}

/** While a row is leased no other process takes it. Longer than the one deadline that a mail has. */
const leaseMs = 15_000
const pollMs = 1_000
const firstRetryMs = 2_000
const mostDoublings = 5
const furthestMs = firstRetryMs * 2 ** mostDoublings
/** As long as a code can live: a clock that was wrong has been set right by then, or it was right. */
const trustedAfterMs = 600_000

/**
 * Mails the codes that are waiting, off the request path. A code's row is its outbox row: taken by a lease
 * that outlives the process that died holding it, wiped once the mail is handed over.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #writer: CodeMailWriter
  /** Emits the address of each mail that was handed over. */
  readonly #handedOver = new EventEmitter()
  readonly #inFlight = new Map<string, Promise<void>>()
  readonly #steadiness: ClockSteadiness
  #timer: NodeJS.Timeout | undefined
  #claiming: Promise<void> | undefined
  #isWoken = false
  #hasMore = false
  #isStopped = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#writer = createCodeMailWriter(options)
    this.#steadiness = new ClockSteadiness(options.clock, options.uptime)
    this.#handedOver.setMaxListeners(0)
  }

  /** Looks for waiting rows now, which picks up what an earlier process left, and then every second. */
  start(): void {
    this.#timer = setInterval(() => this.#poll(), pollMs)
    this.#timer.unref()
    this.wake()
  }

  /** Says that a row may be waiting. */
  wake(): void {
    this.#isWoken = true
    if (this.#isStopped) return
    this.#claiming ??= this.#claimAll().finally(() => {
      this.#claiming = undefined
    })
  }

  /** Resolves when the next mail to `email` has been handed over; rejects when `signal` aborts first. */
  async nextHandOver(email: string, signal: AbortSignal): Promise<void> {
    await once(this.#handedOver, email, { signal })
  }

  /**
   * Takes no further row, gives what is being handed over `graceMs` to finish, and closes the transport. No
   * lease is left behind: a row that was given up is due again in seconds.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#timer)
    const giveUp = setTimeout(() => this.#options.transport.close(), graceMs)
    await this.#claiming
    await Promise.all(this.#inFlight.values())
    clearTimeout(giveUp)
    this.#options.transport.close()
  }

  #poll(): void {
    this.#wipeExpired().catch((error: Error) => {
      this.#options.logger.error('outbox cannot wipe expired codes', { cause: error.message })
    })
    this.wake()
  }

  /** A clock that has jumped makes everything look expired for a while: what it says has to have lasted. */
  async #wipeExpired(): Promise<void> {
    const { store, clock } = this.#options
    if (this.#steadiness.lastsMs() < trustedAfterMs) return
    const nowMs = clock()
    const expired = await store.read(anyExpired({ nowMs }))
    if (expired.length > 0) await store.write(wipeExpired({ nowMs }))
  }

  async #claimAll(): Promise<void> {
    try {
      while (this.#isWoken && !this.#isStopped) {
        this.#isWoken = false
        const room = this.#options.transport.capacity - this.#inFlight.size
        if (room <= 0) {
          this.#hasMore = true
          break
        }
        const nowMs = this.#options.clock()
        const due = await this.#options.store.read(
          waitingCodes({ nowMs, furthestDueAtMs: nowMs + furthestMs }),
        )
        const waiting = due.filter((row) => !this.#inFlight.has(nameOf(row)))
        for (const row of await this.#claim(waiting.slice(0, room))) this.#track(row, this.#deliver(row))
        this.#hasMore = waiting.length > room
      }
    } catch (error) {
      // The rows are still there; the next poll tries again.
      this.#options.logger.error('outbox cannot read its rows', { cause: (error as Error).message })
    }
  }

  #track(row: CodeRow, delivery: Promise<void>): void {
    const tracked = delivery
      .catch((error: Error) => {
        this.#options.logger.error('outbox row not settled', { cause: error.message })
      })
      .finally(() => {
        this.#inFlight.delete(nameOf(row))
        // Rows that found no room are taken as soon as there is some; others announce themselves.
        if (this.#hasMore) this.wake()
      })
    this.#inFlight.set(nameOf(row), tracked)
  }

  /** Takes those of the rows that no other process has taken since they were read. */
  async #claim(rows: readonly WaitingCode[]): Promise<ClaimedCode[]> {
    if (rows.length === 0) return []
    const leasedUntilMs = this.#options.clock() + leaseMs
    const claimed = await this.#options.store.write(
      ...rows.map((row) => claimCode({ ...row, leasedUntilMs })),
    )
    return claimed.flat()
  }

  async #deliver(row: ClaimedCode): Promise<void> {
    const { transport, logger, clock } = this.#options
    const startedAtMs = clock()
    const opened = await this.#open(row)
    const handOver = opened.ok
      ? await transport.handOver(await this.#write(row, opened.text))
      : whyNotOpened(opened.reason)
    const ms = clock() - startedAtMs
    await this.#settle(row, handOver, ms)
    this.#handedOver.emit(row.email)
    logger.log(handOver.delivery === 'sent' ? 'info' : 'warn', `code ${handOver.delivery}`, {
      reference: row.reference,
      to: pseudonymOf(this.#options.store.pseudonymKey, row.email),
      kid: row.kid,
      ms,
      tries: row.tries,
      reply: handOver.reply,
    })
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
    const retryAtMs = nowMs + firstRetryMs * 2 ** Math.min(row.tries - 1, mostDoublings)
    const event = delivery === 'sent' ? 'code_handed_over' : isOver ? 'code_not_deliverable' : 'code_delayed'
    const { verificationId, number, tries } = row
    await store.write(
      isOver
        ? settleCode({ verificationId, number, delivery })
        : retryCode({ verificationId, number, delivery, dueAtMs: retryAtMs }),
      ledgerEntry({ atMs: nowMs, event, verificationId, detail: { number, tries, ms, delivery, reply } }),
    )
  }
}

function nameOf({ verificationId, number }: Pick<CodeRow, 'verificationId' | 'number'>): string {
  return `${verificationId}.${number}`
}

/** A key that this process has not loaded yet may be there at the next try. */
function whyNotOpened(reason: Exclude<Opened, { ok: true }>['reason']): HandOver {
  return reason === 'key_unknown'
    ? { delivery: 'delayed', reply: 'the code is sealed with a key that is not in the key ring' }
    : { delivery: 'failed', reply: 'the code was sealed with a key that is gone' }
}
