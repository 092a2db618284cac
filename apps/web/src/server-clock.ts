/** The server's time, by which countdowns run: the clock of a visitor's machine may be hours off. */
export interface ServerClock {
  /** Takes in the time the server gave with an answer that has just arrived. */
  hear(answeredAtMs: number): void
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
    hear(answeredAtMs) {
      offsetInMs = answeredAtMs - elapsedMs()
    },
    nowMs: () => (offsetInMs === undefined ? wallClockMs() : offsetInMs + elapsedMs()),
  }
}
