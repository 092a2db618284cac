import type { Wait } from '@holdfast/client'

/** The waits between the attempts of a call: the page can end them when it has reason to hope. */
export interface Patience {
  wait: Wait
  /** Lets whatever waits make its next attempt now; tells whether anything did. */
  end(): boolean
}

/** However long a server asks to stay away: somebody sits in front of the page. */
const longestMs = 30_000

export function createPatience(): Patience {
  const ends = new Set<() => void>()
  return {
    wait: (waitInMs, signal) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', end)
          ends.delete(end)
          resolve()
        }
        const timer = setTimeout(end, Math.min(waitInMs, longestMs))
        signal?.addEventListener('abort', end)
        ends.add(end)
      }),
    end() {
      const waiting = [...ends]
      for (const end of waiting) end()
      return waiting.length > 0
    },
  }
}
