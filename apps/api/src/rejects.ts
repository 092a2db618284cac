import { type Reason, reasons } from '@holdfast/core'
import { ledgerEntry, type Store } from '@holdfast/store'
import { LRUCache } from 'lru-cache'
import { oneRowForMs, rejectQuery } from './reject-queries.ts'

/** Why a session, sign-in or verification was not accepted. */
export interface Reject {
  reason: Reason
  /** The record that it is about, where the store knows one: its sign-in, else its verification. */
  signInId?: string
  reference?: string
}

/** With the code of the problem that was answered; `anonymous` where a look at the session found that it does not hold. */
export interface AnsweredReject extends Reject {
  code: string
}

export interface RejectsOptions {
  store: Store
  clock: () => number
}

const mostRemembered = 10_000
const mostUnderWay = 1_000
const tellEveryMs = 60_000

/**
 * Counts what was refused and why, and has the ledger tell it: a row for each record and reason, once a minute at
 * most, and a row a minute for all the others of a reason, which anybody can send. No answer waits for any of it, and a store
 * that does not answer costs rows and nothing else.
 */
export class Rejects {
  readonly #options: RejectsOptions
  readonly #counts = new Map<string, { code: string; reason: Reason; count: number }>()
  /** What the ledger has still to tell of those that are about no record. */
  #untold = new Map<Reason, number>()
  readonly #toldAtMs = new LRUCache<string, number>({ max: mostRemembered })
  readonly #underWay = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: RejectsOptions) {
    this.#options = options
    for (const [code, reason] of expected()) this.#counts.set(`${code} ${reason}`, { code, reason, count: 0 })
  }

  get counts(): Iterable<{ code: string; reason: Reason; count: number }> {
    return this.#counts.values()
  }

  start(): void {
    this.#timer = setInterval(() => this.tell(), tellEveryMs)
    this.#timer.unref()
  }

  /** Resolves once the ledger has been told everything, or does not answer. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.tell()
    await Promise.all(this.#underWay)
  }

  readonly add = (reject: AnsweredReject): void => {
    const { code, reason } = reject
    const name = `${code} ${reason}`
    const counter = this.#counts.get(name) ?? { code, reason, count: 0 }
    counter.count += 1
    this.#counts.set(name, counter)
    const atMs = this.#options.clock()
    const query = rejectQuery({ atMs, ...reject })
    if (query === undefined || this.#underWay.size >= mostUnderWay) this.#addUntold(reason, 1)
    else if (!this.#wasToldLately(reject, atMs)) this.#track(reason, this.#options.store.write(query))
  }

  /** Writes what has come together since the last time. */
  async tell(): Promise<void> {
    const untold = [...this.#untold]
    this.#untold = new Map()
    if (untold.length === 0) return
    const atMs = this.#options.clock()
    try {
      await this.#options.store.write(
        ...untold.map(([reason, count]) =>
          ledgerEntry({ atMs, event: 'rejected', reason, detail: { count } }),
        ),
      )
    } catch {
      for (const [reason, count] of untold) this.#addUntold(reason, count)
    }
  }

  #wasToldLately({ signInId, reference, reason }: Reject, atMs: number): boolean {
    const name = `${signInId ?? reference} ${reason}`
    const toldAtMs = this.#toldAtMs.get(name)
    if (toldAtMs !== undefined && toldAtMs <= atMs && atMs < toldAtMs + oneRowForMs) return true
    this.#toldAtMs.set(name, atMs)
    return false
  }

  #track(reason: Reason, written: Promise<unknown>): void {
    const tracked = written
      .then(
        () => {},
        () => this.#addUntold(reason, 1),
      )
      .finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
  }

  #addUntold(reason: Reason, count: number): void {
    this.#untold.set(reason, (this.#untold.get(reason) ?? 0) + count)
  }
}

/** A counter that is there from the start shows its first rise; one that comes with it does not. */
function expected(): (readonly [code: string, reason: Reason])[] {
  return [
    ...reasons.map((reason) => ['not_signed_in', reason] as const),
    ...reasons.map((reason) => ['verification_session_not_found', reason] as const),
    ['code_expired', 'verification_expired'],
    ['too_many_attempts', 'verification_exhausted'],
  ]
}
