interface PageWatcher {
  onReturn(): void
  onSecond(): void
}

/**
 * Tells when somebody comes back to the page (from the mail app, another tab, the back-forward cache or a
 * dropped connection), and once a second while they look at it.
 */
export function watchPage({ onReturn, onSecond }: PageWatcher): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') onReturn()
  })
  addEventListener('pageshow', (event) => {
    if (event.persisted) onReturn()
  })
  addEventListener('online', onReturn)
  setInterval(() => {
    if (document.visibilityState === 'visible') onSecond()
  }, 1000)
}
