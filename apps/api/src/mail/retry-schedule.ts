const firstDelayMs = 2_000
/** No mail is put off for longer than this. */
export const mostDelayMs = 64_000
/** A mail that could be tried so shortly before its code's end comes too late for anybody. */
const leastDelayMs = 1_000

/** A try that has failed. */
export interface FailedTry {
  /** How often the mail was tried by now; at least once. */
  tries: number
  nowMs: number
  expiresAtMs: number
}

/**
 * When a mail is tried again. The wait doubles with each try, and chance takes up to half of it away, so that mails
 * that failed together do not come back together. Towards the end of the code's life it is half of what is left of
 * that, and at the end the time of the end itself: then no try follows. `random` is at least 0 and below 1.
 */
export function nextTryAtMs(failed: FailedTry, random: () => number = Math.random): number {
  const { tries, nowMs, expiresAtMs } = failed
  const backOffMs = Math.min(firstDelayMs * 2 ** (tries - 1), mostDelayMs)
  const delayMs = Math.min(backOffMs * (1 - random() / 2), (expiresAtMs - nowMs) / 2)
  return delayMs < leastDelayMs ? expiresAtMs : nowMs + Math.ceil(delayMs)
}
