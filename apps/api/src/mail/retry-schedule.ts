const firstRetryMs = 2_000
const mostDoublings = 5

/** No mail is put off for longer than this. */
export const furthestRetryMs = firstRetryMs * 2 ** mostDoublings

/** How long a mail that was tried so often waits for its next try. */
export function retryDelayMs(tries: number): number {
  return firstRetryMs * 2 ** Math.min(tries - 1, mostDoublings)
}
