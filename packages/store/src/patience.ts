import type { StoreBusyError } from './store.ts'

/** How long anything here waits for the lock of another process. */
export const longestLockWaitMs = 5_000

/** Somebody who waits for the lock that another process holds. */
export interface Waiter {
  reject: (error: unknown) => void
  givesUpAtMs?: number
}

export interface Patience {
  mostWaitMs: number
  monotonic: () => number
}

/**
 * Those who go on waiting, in their order. Each waits `mostWaitMs` from its first refusal on; whoever has waited so
 * long is told, and is nowhere any more: what was given up is never written later.
 */
export function stillPatient<Kind extends Waiter>(
  waiters: readonly Kind[],
  error: StoreBusyError,
  { mostWaitMs, monotonic }: Patience,
): Kind[] {
  const nowMs = monotonic()
  return waiters.filter((waiter) => {
    waiter.givesUpAtMs ??= nowMs + mostWaitMs
    if (nowMs < waiter.givesUpAtMs) return true
    waiter.reject(error)
    return false
  })
}
