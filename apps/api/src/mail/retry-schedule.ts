const backOff = { firstMs: 2_000, mostMs: 64_000 }
/** For a server that has the whole mail and said nothing: it may only be slow, and each try be one copy too many. */
const backOffUnanswered = { firstMs: 60_000, mostMs: 240_000 }
/** No mail is put off for longer than this, but for one that a server was silent to. */
export const mostDelayMs = backOff.mostMs
export const mostDelayUnansweredMs = backOffUnanswered.mostMs
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
  const share = 1 - random() / 2
  if (isUnanswered) {
    const delayMs = share * doubled(backOffUnanswered, tries)
    return delayMs < leftMs ? nowMs + Math.ceil(delayMs) : expiresAtMs
  }
  const delayMs = Math.min(share * doubled(backOff, tries), leftMs / 2)
  return delayMs < leastDelayMs ? expiresAtMs : nowMs + Math.ceil(delayMs)
}

function doubled({ firstMs, mostMs }: typeof backOff, tries: number): number {
  return Math.min(firstMs * 2 ** (tries - 1), mostMs)
}
