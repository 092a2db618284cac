import type { Logger } from '../logger.ts'
import { hourMs } from './limit-window.ts'

export const alarmNames = ['sends_near_ceiling', 'sends_at_ceiling', 'guesses_at_many_addresses'] as const

export type AlarmName = (typeof alarmNames)[number]

const nearCeiling = 0.8
/** So many addresses at which every guess was wrong are no coincidence, when they are so large a part of all. */
const suspectAddresses = 100
const suspectShare = 0.25
const mostRemembered = 100_000

/**
 * Sees what no single request shows, and says it once in each window: that all sends together come to their
 * ceiling, and that somebody tries one guess at each of many addresses. What it has seen ends with the process.
 */
export class SignInWatch {
  readonly alarms = new Map<AlarmName, number>(alarmNames.map((name) => [name, 0]))
  readonly guesses = { right: 0, wrong: 0 }
  readonly #logger: Logger
  readonly #raisedInWindow = new Map<AlarmName, number>()
  #wrongAt = new Set<string>()
  #rightAt = new Set<string>()
  #windowEndsAtMs = 0

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** How many codes were sent in the hour that ends at `windowEndsAtMs`, of `most`. */
  sent(count: number, most: number, windowEndsAtMs: number): void {
    const details = { sends: count, ceiling: most, until: new Date(windowEndsAtMs).toISOString() }
    if (count >= most) {
      this.#raise('sends_at_ceiling', windowEndsAtMs, () =>
        this.#logger.error('all sends together are at their ceiling: nobody gets a code', details),
      )
    } else if (count >= most * nearCeiling) {
      this.#raise('sends_near_ceiling', windowEndsAtMs, () =>
        this.#logger.warn('all sends together come near their ceiling', details),
      )
    }
  }

  /** A guess was compared. An address at which one was right after all is no longer suspect. */
  guessed(mailbox: string, isRight: boolean, nowMs: number): void {
    this.guesses[isRight ? 'right' : 'wrong'] += 1
    this.#openWindow(nowMs)
    if (isRight) {
      this.#wrongAt.delete(mailbox)
      if (this.#rightAt.size < mostRemembered) this.#rightAt.add(mailbox)
      return
    }
    if (this.#rightAt.has(mailbox) || this.#wrongAt.size >= mostRemembered) return
    this.#wrongAt.add(mailbox)
    const addresses = this.#wrongAt.size
    const isSuspect = addresses >= suspectShare * (addresses + this.#rightAt.size)
    if (addresses < suspectAddresses || !isSuspect) return
    this.#raise('guesses_at_many_addresses', this.#windowEndsAtMs, () =>
      this.#logger.error('guesses are wrong at many addresses: somebody may be trying codes at all of them', {
        addresses,
        signedIn: this.#rightAt.size,
      }),
    )
  }

  #raise(name: AlarmName, windowEndsAtMs: number, say: () => void): void {
    if (this.#raisedInWindow.get(name) === windowEndsAtMs) return
    this.#raisedInWindow.set(name, windowEndsAtMs)
    this.alarms.set(name, (this.alarms.get(name) ?? 0) + 1)
    say()
  }

  #openWindow(nowMs: number): void {
    if (nowMs < this.#windowEndsAtMs && this.#windowEndsAtMs <= nowMs + hourMs) return
    this.#windowEndsAtMs = nowMs + hourMs
    this.#wrongAt = new Set()
    this.#rightAt = new Set()
  }
}
