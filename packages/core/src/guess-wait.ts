const firstWaitMs = 60_000
const longestWaitMs = 24 * 3_600_000

/**
 * How long no further guess is looked at after one that came `beyond` chances after the budget of its address
 * was spent: a minute, twice as long with each chance, a day at most. (NIST SP 800-63B-4 section 3.2.2)
 */
export function guessWaitMs(beyond: number): number {
  return Math.min(firstWaitMs * 2 ** beyond, longestWaitMs)
}
