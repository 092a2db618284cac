import type { Problem } from './problem.ts'

const firstMs = 500
const longestMs = 10_000

/**
 * How long to wait after so many attempts: twice as long each time, up to a bound, and by chance up to half of it
 * less, so that not all who lost a server at once come back at once. A Retry-After is waited for first.
 */
export function backOffInMs(attempts: number, problem: Problem, random: () => number = Math.random): number {
  const longest = Math.min(firstMs * 2 ** (attempts - 1), longestMs)
  return (problem.retryAfterInSeconds ?? 0) * 1000 + longest * (1 - random() / 2)
}
