import { EventEmitter, once } from 'node:events'
import { claimCodes, nameOfCode, readDueCodes } from './code-claims.ts'
import { CodeDelivery, type CodeDeliveryOptions } from './code-delivery.ts'
import { ExpiredCodes } from './expired-codes.ts'
import { MailCounts } from './mail-counts.ts'
import { MailServerWatch } from './mail-server-watch.ts'
import { backlog, bringForward, type ClaimedCode } from './outbox-queries.ts'

export interface OutboxOptions extends CodeDeliveryOptions {
  /** Names this process: its leases end at once when it is found to be gone. */
  instance: string
  /** Milliseconds that no setting of the clock changes. */
  uptime?: () => number
}

const pollMs = 1_000
/**
 * Mails the codes that are waiting, off the request path. A code's row is its outbox row: taken under a lease that
 * names this process, and wiped once the mail is handed over.
 */
export class Outbox {
  readonly counts = new MailCounts()
  readonly #options: OutboxOptions
  readonly #delivery: CodeDelivery
  readonly #mailServer: MailServerWatch
  /** Emits the address of each mail that was handed over. */
  readonly #handedOver = new EventEmitter()
  readonly #inFlight = new Map<string, Promise<void>>()
  readonly #expired: ExpiredCodes
  #timer: NodeJS.Timeout | undefined
  #claiming: Promise<void> | undefined
  #isWoken = false
  #hasMore = false
  #isStopped = false

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#delivery = new CodeDelivery(options)
    this.#mailServer = new MailServerWatch(options.logger)
    this.#expired = new ExpiredCodes(options)
    this.#handedOver.setMaxListeners(0)
  }

  get isMailServerDown(): boolean {
    return this.#mailServer.isDown
  }

  /** How many mails wait in the store, and since when the oldest does. */
  async readBacklog(): Promise<{ waiting: number; oldestAtMs: number | null }> {
    const { store, clock } = this.#options
    const [found] = await store.read(backlog({ nowMs: clock() }))
    return found ?? { waiting: 0, oldestAtMs: null }
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
    this.#wipeExpired()
    this.wake()
  }

  async #wipeExpired(): Promise<void> {
    try {
      this.counts.expired += await this.#expired.wipe()
    } catch (error) {
      this.#options.logger.error('outbox cannot wipe expired codes', { cause: (error as Error).message })
    }
  }

  async #claimAll(): Promise<void> {
    try {
      while (this.#isWoken && !this.#isStopped) {
        this.#isWoken = false
        if ((await this.#claimOnce()) === 'more') this.#isWoken = true
      }
    } catch (error) {
      // The rows are still there; the next poll tries again.
      this.#options.logger.error('outbox cannot read its rows', { cause: (error as Error).message })
    }
  }

  /** Takes what there is room for; `more` where that is to be asked again at once. */
  async #claimOnce(): Promise<'more' | 'done'> {
    const { store, clock, transport, instance } = this.#options
    const room = transport.capacity - this.#inFlight.size
    if (room <= 0) {
      this.#hasMore = true
      return 'done'
    }
    // One more tells that there are more; one whose lease has run out here is still in flight.
    const due = await readDueCodes(store, { nowMs: clock(), most: transport.capacity + 1 })
    const waiting = due.filter((row) => !this.#inFlight.has(nameOfCode(row)))
    const wanted = waiting.slice(0, room)
    const claimed = await claimCodes(store, wanted, { instance, nowMs: clock() })
    for (const row of claimed) this.#track(row, this.#deliver(row))
    this.#hasMore = waiting.length > room
    // Another process was quicker, and may have left others.
    return claimed.length < wanted.length ? 'more' : 'done'
  }

  async #deliver(row: ClaimedCode): Promise<void> {
    const tell = this.#mailServer.begin()
    const handOver = await this.#delivery.deliver(row)
    if (handOver === undefined) return
    this.counts.tried(handOver.delivery, this.#options.clock() - (row.askedAtMs ?? row.sentAtMs))
    this.#handedOver.emit(row.email)
    if (tell(handOver).isBack) await this.#bringForward()
  }

  /** What failed by the fault of the mail server need not wait out its time once that is back. */
  async #bringForward(): Promise<void> {
    const { store, clock } = this.#options
    await store.write(bringForward({ nowMs: clock() }))
    this.wake()
  }

  #track(row: ClaimedCode, delivery: Promise<void>): void {
    const tracked = delivery
      .catch((error: Error) => {
        this.#options.logger.error('outbox row not settled', { cause: error.message })
      })
      .finally(() => {
        this.#inFlight.delete(nameOfCode(row))
        // Rows that found no room are taken several at a time, with one commit; others announce themselves.
        if (this.#hasMore && this.#inFlight.size <= this.#options.transport.capacity / 2) this.wake()
      })
    this.#inFlight.set(nameOfCode(row), tracked)
  }
}
