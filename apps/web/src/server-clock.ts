/** The server's time, by which countdowns run: the clock of a visitor's machine may be hours off. */
export interface ServerClock {
  /** Takes in the time the server gave with an answer, and when that arrived: now, if nothing else is said. */
  hear(answeredAtMs: number, arrivedAfterMs?: number): void
  nowMs(): number
}

/**
 * Runs on from the server's last answer with a clock that no one can set (`performance.now`). Before the first
 * answer it gives the visitor's own time.
 */
export function createServerClock(
  elapsedMs: () => number = () => performance.now(),
  wallClockMs: () => number = Date.now,
): ServerClock {
  let offsetInMs: number | undefined
  return {
    hear(answeredAtMs, arrivedAfterMs = elapsedMs()) {
      offsetInMs = answeredAtMs - arrivedAfterMs
    },
    nowMs: () => (offsetInMs === undefined ? wallClockMs() : offsetInMs + elapsedMs()),
  }
}
