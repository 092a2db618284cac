import { type Language, localeOf } from '@holdfast/messages'

/** Whole seconds from `nowMs` until an ISO time, 1 at the least; 0 once it has passed. */
export function secondsUntil(isoTime: string, nowMs: number): number {
  const leftMs = Date.parse(isoTime) - nowMs
  // The server's clock is read off its Date header, whole seconds rounded down: rounding up as well would
  // show 0:31 of a wait of 30 seconds.
  return leftMs <= 0 ? 0 : Math.max(1, Math.floor(leftMs / 1000))
}

/** A running countdown: `0:24`, `12:05`. */
export function formatCountdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** A wait in words, rounded up so that nobody is sent back too early: `in 24 seconds`, `in 13 minutes`, `in 2 hours`. */
export function formatWait(seconds: number, language: Language): string {
  const format = new Intl.RelativeTimeFormat(localeOf(language))
  if (seconds < 60) return format.format(Math.max(1, Math.ceil(seconds)), 'second')
  if (seconds <= 90 * 60) return format.format(Math.ceil(seconds / 60), 'minute')
  return format.format(Math.ceil(seconds / 3600), 'hour')
}
