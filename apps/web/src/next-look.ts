import type { SessionView } from '@holdfast/client'

const longestInMs = 15_000

/**
 * How long until the page asks for the session by itself, or null when nothing is awaited: soon while a mail is under
 * way, then less and less often. `looks` counts the ones that brought no news.
 */
export function nextLookInMs(view: SessionView | null, looks: number): number | null {
  if (view?.state !== 'code_sent') return null
  switch (view.verification.delivery) {
    case 'queued':
      return Math.min(1000 * 1.5 ** looks, longestInMs)
    case 'delayed':
    case 'unknown':
      return longestInMs
    default:
      return null
  }
}
