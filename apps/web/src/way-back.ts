/** Leads on from the sign-in page to where `/?return_to=` asked for. The server decides whether that is allowed. */
export interface WayBack {
  /** Where it leads. Empty for nowhere. */
  target: string
  /** The address that leads there, for who is signed in. */
  href: string
  follow(): void
  /** Follows for somebody who is signed in on arrival, unless the page did so a moment ago and they are back. */
  followOnArrival(): void
}

export interface WayBackOptions {
  target: string
  /** Goes to another address and leaves no entry in the history: "back" would only lead here and on again. */
  replace: (url: string) => void
  /** What this tab remembers from page to page. Throws where the browser forbids it. */
  memory: () => Pick<Storage, 'getItem' | 'setItem'>
  clock: () => number
}

const followedAtKey = 'holdfast-followed-at'
/** An app that does not take the sign-in sends people back at once: without a pause they would go in circles. */
const pauseMs = 10_000

export function createWayBack({ target, replace, memory, clock }: WayBackOptions): WayBack {
  const href = hrefOf(target)

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
    replace(href)
  }

  return {
    target,
    href,
    follow,
    followOnArrival: () => {
      if (hasPaused()) follow()
    },
  }
}

function hrefOf(target: string): string {
  return `/auth/return?return_to=${encodeURIComponent(target)}`
}
