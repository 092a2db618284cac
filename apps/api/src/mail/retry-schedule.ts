const firstDelayMs = 2_000
const mostBackOffMs = 64_000
/** Whoever has the whole mail and said nothing to it may only be slow: each copy more is one too many then. */
const firstDelayUnansweredMs = 60_000
/** No mail is put off for longer than this. */
export const mostDelayMs = 240_000
/** A mail that could be tried so shortly before its code's end comes too late for anybody. */
const leastDelayMs = 1_000

/** A try that has failed. */
export interface FailedTry {
  /** How often the mail was tried by now; at least once. */
  tries: number
  nowMs: number
  expiresAtMs: number
  /** The mail server has the whole mail, and said nothing. */
  isUnanswered?: boolean | undefined
}

/**
 * When a mail is tried again. The wait doubles with each try, and chance takes up to half of it away, so that mails
 * that failed together do not come back together. Towards the end of the code's life it is half of what is left of
 * that, and at the end the time of the end itself: then no try follows. A server that was silent to the whole mail is
 * left alone for longer, and not hurried at the end. `random` is at least 0 and below 1.
 */
export function nextTryAtMs(failed: FailedTry, random: () => number = Math.random): number {
  const { tries, nowMs, expiresAtMs, isUnanswered = false } = failed
  const leftMs = expiresAtMs - nowMs
  const chance = 1 - random() / 2
  if (isUnanswered) {
    const delayMs = chance * doubled(firstDelayUnansweredMs, tries, mostDelayMs)
    return delayMs < leftMs ? nowMs + Math.ceil(delayMs) : expiresAtMs
  }
  const delayMs = Math.min(chance * doubled(firstDelayMs, tries, mostBackOffMs), leftMs / 2)
  return delayMs < leastDelayMs ? expiresAtMs : nowMs + Math.ceil(delayMs)
}

function doubled(firstMs: number, tries: number, mostMs: number): number {
  return Math.min(firstMs * 2 ** (tries - 1), mostMs)
}
