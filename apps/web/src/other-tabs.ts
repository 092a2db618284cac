/** The other tabs of this browser, which share its session. */
export interface OtherTabs {
  /** Tells them that the session has changed. */
  tell(): void
  /** Hears it from them, until `signal` aborts, if it does. */
  watch(onChange: () => void, signal?: AbortSignal): void
}

const name = 'holdfast-session'

/** Not while the page lies in the back-forward cache: an open channel would keep it out of there. */
export function openOtherTabs(): OtherTabs {
  let channel: BroadcastChannel | undefined
  const changes = new EventTarget()
  const open = () => {
    channel = new BroadcastChannel(name)
    channel.onmessage = () => changes.dispatchEvent(new Event('change'))
  }
  const close = () => {
    channel?.close()
    channel = undefined
  }
  addEventListener('pagehide', close)
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) open()
  })
  open()
  return {
    tell: () => channel?.postMessage('changed'),
    watch: (onChange, signal = new AbortController().signal) =>
      changes.addEventListener('change', onChange, { signal }),
  }
}
