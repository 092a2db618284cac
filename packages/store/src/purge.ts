import { setTimeout as wait } from 'node:timers/promises'
import { PurgeHorizon, type PurgeHorizonOptions } from './purge-horizon.ts'
import { purgedTables } from './purge-queries.ts'
import type { Store } from './store.ts'

export interface PurgeOptions extends Omit<PurgeHorizonOptions, 'monotonic'> {
  monotonic?: () => number
  onError?: (error: Error) => void
}

const settledAfterMs = 1_000
const everyMs = 60_000
/** A batch that takes longer is followed by a smaller one: whoever signs in meanwhile waits for it. */
const goodBatchMs = 20
/** Less would not help anybody: on a slow disk most of the time is the fsync, which others share. */
const leastRows = 100
const mostRows = 500
/** Of its time the purge uses a fifth. */
const pauseShare = 4
const leastPauseMs = 5

/**
 * Deletes what is long over, in batches that are short and leave time in between. What a crash interrupts goes on in a
 * later pass: each batch is a commit of its own, shared with whatever is written at that moment.
 */
export class Purge {
  readonly #store: Store
  readonly #horizon: PurgeHorizon
  readonly #onError: (error: Error) => void
  readonly #stopping = new AbortController()
  readonly #counts = new Map<string, number>(purgedTables.map(({ table }) => [table, 0]))
  #first: NodeJS.Timeout | undefined
  #timer: NodeJS.Timeout | undefined
  #pass: Promise<void> | undefined
  #rows = leastRows

  constructor({ store, clock, monotonic = () => performance.now(), ...options }: PurgeOptions) {
    this.#store = store
    this.#horizon = new PurgeHorizon({ store, clock, monotonic })
    this.#onError = options.onError ?? (() => {})
  }

  /** Rows that this process has deleted, by table; codes and blobs that went with them are not counted. */
  get counts(): Iterable<[table: string, rows: number]> {
    return this.#counts
  }

  /** To be called before the start is recorded: it begins the horizon by what happened last. */
  async open(): Promise<void> {
    await this.#horizon.open()
  }

  /** A first pass soon, when the start has settled, and then one a minute. */
  start(): void {
    this.#first = setTimeout(() => this.pass(), settledAfterMs).unref()
    this.#timer = setInterval(() => this.pass(), everyMs).unref()
  }

  /** Resolves once the batch under way is written. */
  async stop(): Promise<void> {
    clearTimeout(this.#first)
    clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#pass
  }

  /** Deletes all that is over, unless another process has begun to. One pass at a time. */
  pass(): Promise<void> {
    this.#pass ??= this.#purge()
      .catch((error: Error) => this.#onError(error))
      .finally(() => {
        this.#pass = undefined
      })
    return this.#pass
  }

  async #purge(): Promise<void> {
    const horizonMs = await this.#horizon.advance()
    if (horizonMs === undefined) return
    for (const { table, queries } of purgedTables) {
      let isOver = false
      while (!isOver && !this.#stopping.signal.aborted) {
        const limit = this.#rows
        const startedAtMs = performance.now()
        const results = await this.#store.write(...queries({ horizonMs, limit }))
        const deleted = results.at(-1)?.length ?? 0
        this.#counts.set(table, (this.#counts.get(table) ?? 0) + deleted)
        isOver = deleted < limit
        if (!isOver) await this.#rest(performance.now() - startedAtMs)
      }
    }
  }

  async #rest(tookMs: number): Promise<void> {
    this.#rows =
      tookMs > goodBatchMs ? Math.max(leastRows, this.#rows >> 1) : Math.min(mostRows, this.#rows + leastRows)
    const { signal } = this.#stopping
    await wait(Math.max(leastPauseMs, pauseShare * tookMs), undefined, { signal, ref: false }).catch(() => {})
  }
}
