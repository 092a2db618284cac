import type { Problem, SessionView } from '@holdfast/client'

const longestInMs = 15_000

/** Whether the server was out of reach, rather than refusing: asking again can help. */
export function isOutage(problem: Problem): boolean {
  return ['unreachable', 'store_unavailable', 'overloaded'].includes(problem.code)
}

/**
 * How long until the page asks for the session by itself, or null when nothing is awaited: soon after an outage
 * (`awaited` is what it said) and while a mail is under way, then less and less often. `looks` counts the ones
 * that brought no news.
 */
export function nextLookInMs(
  view: SessionView | null,
  awaited: Problem | null,
  looks: number,
): number | null {
  if (awaited) return Math.max(growing(1000, looks), Math.min(awaited.retryAfterInSeconds ?? 0, 30) * 1000)
  if (view?.state !== 'code_sent') return null
  switch (view.verification.delivery) {
    case 'queued':
      return growing(1000, looks)
    case 'delayed':
      return longestInMs
    default:
      return null
  }
}

function growing(firstInMs: number, looks: number): number {
  return Math.min(firstInMs * 1.5 ** looks, longestInMs)
}
