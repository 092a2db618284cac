/** The other tabs of this browser, which share its session. */
export interface OtherTabs {
  /** Tells them that the session has changed. */
  tell(): void
  /** Hears it from them. */
  watch(onChange: () => void): void
}

const name = 'holdfast-session'

/** Not while the page lies in the back-forward cache: an open channel would keep it out of there. */
export function openOtherTabs(): OtherTabs {
  let channel: BroadcastChannel | undefined
  let hear = () => {}
  const open = () => {
    channel = new BroadcastChannel(name)
    channel.onmessage = () => hear()
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
    watch(onChange) {
      hear = onChange
    },
  }
}
