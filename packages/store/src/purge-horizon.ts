import { sql } from 'kysely'
import type { Store } from './store.ts'
import { db } from './tables.ts'

export interface PurgeHorizonOptions {
  store: Store
  clock: () => number
  /** Milliseconds of a clock that nobody can set. */
  monotonic: () => number
}

const metaKey = 'purgeHorizon'
const dayMs = 86_400_000
/** So much faster than time goes: enough to come closer to it again, and too slow for a clock that is wrong. */
const mostSpeed = 2

/**
 * Up to when what is over may be forgotten: a day ago at most. Clocks jump, and a year that passes in a second must delete
 * nothing: the horizon is kept in the store and moves twice as fast as time that was measured, at most. After ten days
 * without a server it is therefore up to date again in ten days. Processes share it: of those that measured the same time
 * only one moves it.
 */
export class PurgeHorizon {
  readonly #options: PurgeHorizonOptions
  #seen: { horizonMs: number; atMonotonicMs: number } | undefined

  constructor(options: PurgeHorizonOptions) {
    this.#options = options
  }

  /** Begins a horizon where there is none, by the last thing that is known to have happened. To be called before a start is recorded. */
  async open(): Promise<void> {
    const { store, clock } = this.#options
    const [newest] = await store.read(
      db.selectFrom('ledger').select('atMs').orderBy('atMs', 'desc').limit(sql.lit(1)),
    )
    const value = String(Math.min(newest?.atMs ?? clock(), clock()) - dayMs)
    await store.write(
      db
        .insertInto('meta')
        .values({ key: metaKey, value })
        .onConflict((conflict) => conflict.doNothing()),
    )
    await this.#look()
  }

  /** Moves it by the time that has passed, and returns it; `undefined` when another process has moved it meanwhile. */
  async advance(): Promise<number | undefined> {
    const { store, clock, monotonic } = this.#options
    const seen = this.#seen
    if (seen === undefined) return this.#look()
    const atMonotonicMs = monotonic()
    const mostMs = clock() - dayMs
    const measuredMs = Math.floor(mostSpeed * (atMonotonicMs - seen.atMonotonicMs))
    const horizonMs = Math.max(seen.horizonMs, Math.min(seen.horizonMs + measuredMs, mostMs))
    const [moved] = await store.write(
      db
        .updateTable('meta')
        .set({ value: String(horizonMs) })
        .where('key', '=', metaKey)
        .where('value', '=', String(seen.horizonMs))
        .returning('value'),
    )
    if (moved.length === 0) return this.#look()
    this.#seen = { horizonMs, atMonotonicMs }
    // A clock that was set back: what it calls a day ago is not reached yet.
    return Math.min(horizonMs, mostMs)
  }

  async #look(): Promise<undefined> {
    const { store, monotonic } = this.#options
    const [row] = await store.read(db.selectFrom('meta').select('value').where('key', '=', metaKey))
    this.#seen = row === undefined ? undefined : { horizonMs: Number(row.value), atMonotonicMs: monotonic() }
  }
}
