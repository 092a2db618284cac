import { db, prepared, type Store } from '@holdfast/store'
import { sql } from 'kysely'
import { ClockSteadiness } from '../clock-steadiness.ts'
import { unlessUnknown } from './outbox-queries.ts'

/** As long as a code can live: a clock that was wrong has been set right by then, or it was right. */
const trustedAfterMs = 600_000

/** Whether there is any: asking takes no write lock, which another program may hold. */
const anyExpired = prepared(({ nowMs }: { nowMs: number }) =>
  db
    .selectFrom('codes')
    .select('number')
    .where('sealed', 'is not', null)
    .where('expiresAtMs', '<=', nowMs)
    .limit(sql.lit(1)),
)

const recordExpired = prepared(({ nowMs }: { nowMs: number }) =>
  db
    .insertInto('ledger')
    .columns(['atMs', 'event', 'verificationId', 'detail'])
    .expression(
      db
        .selectFrom('codes')
        .select(({ val, ref }) => [
          val(nowMs).as('atMs'),
          val('code_expired_unsent').as('event'),
          ref('verificationId').as('verificationId'),
          sql<string>`json_object('number', ${ref('number')}, 'tries', ${ref('tries')})`.as('detail'),
        ])
        .where('sealed', 'is not', null)
        .where('expiresAtMs', '<=', nowMs),
    ),
)

/** A code that nobody could use any more is not mailed, and not kept. */
const wipeExpired = prepared(({ nowMs }: { nowMs: number }) =>
  db
    .updateTable('codes')
    .set({ delivery: unlessUnknown('failed'), sealed: null, leasedBy: null })
    .where('sealed', 'is not', null)
    .where('expiresAtMs', '<=', nowMs)
    .returning('number'),
)

export interface ExpiredCodesOptions {
  store: Store
  clock: () => number
  /** Milliseconds that no setting of the clock changes. */
  uptime?: () => number
}

/** Wipes the codes that expired before their mail was handed over. */
export class ExpiredCodes {
  readonly #options: ExpiredCodesOptions
  readonly #steadiness: ClockSteadiness

  constructor(options: ExpiredCodesOptions) {
    this.#options = options
    this.#steadiness = new ClockSteadiness(options.clock, options.uptime)
  }

  /**
   * Says how many there were. A clock that has jumped makes everything look expired for a while: what it says has to
   * have lasted.
   */
  async wipe(): Promise<number> {
    const { store, clock } = this.#options
    if (this.#steadiness.lastsMs() < trustedAfterMs) return 0
    const nowMs = clock()
    const expired = await store.read(anyExpired({ nowMs }))
    if (expired.length === 0) return 0
    const [, wiped] = await store.write(recordExpired({ nowMs }), wipeExpired({ nowMs }))
    return wiped.length
  }
}
