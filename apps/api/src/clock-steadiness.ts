/** Set by a time server a clock moves by less than that at once; more is a jump. */
const mostDriftMs = 5_000

/**
 * Tells for how long a clock has run on without a jump. Asked every second or so, it sees each jump by comparing
 * with a time that nothing sets. Whether the clock was right before it was first asked, it cannot know.
 */
export class ClockSteadiness {
  readonly #clock: () => number
  readonly #uptime: () => number
  #steadySinceMs: number
  #offsetMs: number

  constructor(clock: () => number, uptime: () => number = () => performance.now()) {
    this.#clock = clock
    this.#uptime = uptime
    this.#steadySinceMs = uptime()
    this.#offsetMs = clock() - uptime()
  }

  /** Milliseconds since the last jump, or since the beginning. */
  lastsMs(): number {
    const uptimeMs = this.#uptime()
    const offsetMs = this.#clock() - uptimeMs
    if (Math.abs(offsetMs - this.#offsetMs) > mostDriftMs) this.#steadySinceMs = uptimeMs
    this.#offsetMs = offsetMs
    return uptimeMs - this.#steadySinceMs
  }
}
