import type { Wait } from './trying.ts'

/** A timer, cut short when a browser is back online. */
export const waitOrOnline: Wait = (waitInMs, signal) =>
  new Promise((resolve) => {
    const events = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener'>>
    const end = () => {
      clearTimeout(timer)
      events.removeEventListener?.('online', end)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, waitInMs)
    events.addEventListener?.('online', end)
    signal?.addEventListener('abort', end)
    if (signal?.aborted) end()
  })
