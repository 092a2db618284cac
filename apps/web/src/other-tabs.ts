const name = 'holdfast-session'

/** Tells the other tabs of this browser that the session they share has changed. */
export function tellOtherTabs(): void {
  const channel = new BroadcastChannel(name)
  channel.postMessage('changed')
  channel.close()
}

/** Hears of it. Not while the page lies in the back-forward cache: an open channel would keep it out of there. */
export function watchOtherTabs(onChange: () => void): void {
  let channel: BroadcastChannel | undefined
  const listen = () => {
    channel = new BroadcastChannel(name)
    channel.onmessage = onChange
  }
  addEventListener('pagehide', () => channel?.close())
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) listen()
  })
  listen()
}
