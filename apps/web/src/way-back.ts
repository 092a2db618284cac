/** Leads on from the sign-in page to where `/?return_to=` asked for. The server decides whether that is allowed. */
export interface WayBack {
  /** Whether there is somewhere to lead to. */
  isWanted: boolean
  follow(): void
  /** Follows for somebody who is signed in on arrival, unless the page did so a moment ago and they are back. */
  followOnArrival(): void
}

export interface WayBackOptions {
  /** The query of the page's address. */
  search: string
  /** Goes to another address and leaves no entry in the history: "back" would only lead here and on again. */
  replace: (url: string) => void
  /** What this tab remembers from page to page. Throws where the browser forbids it. */
  memory: () => Pick<Storage, 'getItem' | 'setItem'>
  clock: () => number
}

const followedAtKey = 'holdfast-followed-at'
/** An app that does not take the sign-in sends people back at once: without a pause they would go in circles. */
const pauseMs = 10_000

export function createWayBack({ search, replace, memory, clock }: WayBackOptions): WayBack {
  const target = new URLSearchParams(search).get('return_to') ?? ''

  function hasPaused(): boolean {
    try {
      const sinceMs = clock() - Number(memory().getItem(followedAtKey) ?? Number.NaN)
      return !(sinceMs >= 0 && sinceMs < pauseMs)
    } catch {
      return false
    }
  }

  function follow(): void {
    if (target === '') return
    try {
      memory().setItem(followedAtKey, String(clock()))
    } catch {
      // Without a memory the page never leads on by itself on arrival, and so in no circle either.
    }
    replace(`/auth/return?return_to=${encodeURIComponent(target)}`)
  }

  return {
    isWanted: target !== '',
    follow,
    followOnArrival: () => {
      if (hasPaused()) follow()
    },
  }
}
