import { type KeyRingRecord, type KeyState, settleStates } from '@holdfast/core'

export interface CountedChecks {
  kid: string
  state: KeyState | 'unknown'
  count: number
}

/** Counts the session tokens that were presented, by the key that they name: when a key is no longer met, it shows here. */
export class TokenChecks {
  readonly #unknown: CountedChecks = { kid: 'unknown', state: 'unknown', count: 0 }
  readonly #all: CountedChecks[] = [this.#unknown]
  #byKid = new Map<string, CountedChecks>()

  /** The keys and states to count by from now on. */
  follow(record: KeyRingRecord, nowMs: number): void {
    this.#byKid = new Map(
      settleStates(record, nowMs).keys.map(({ kid, state }) => [kid, this.#counterOf(kid, state)]),
    )
  }

  /** A kid that is in no ring is counted with all others of that sort: anybody can invent them. */
  count(kid: string): void {
    const counter = this.#byKid.get(kid) ?? this.#unknown
    counter.count += 1
  }

  get counts(): readonly CountedChecks[] {
    return this.#all
  }

  #counterOf(kid: string, state: KeyState): CountedChecks {
    const known = this.#all.find((counter) => counter.kid === kid && counter.state === state)
    if (known !== undefined) return known
    const counter = { kid, state, count: 0 }
    this.#all.push(counter)
    return counter
  }
}
