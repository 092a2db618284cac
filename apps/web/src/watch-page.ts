interface PageWatcher {
  onReturn(): void
  onSecond(): void
}

/**
 * Tells when somebody comes back to the page (from the mail app, another window or tab, the back-forward cache, a
 * frozen state or a dropped connection), and once a second while they look at it.
 */
export function watchPage({ onReturn, onSecond }: PageWatcher): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') onReturn()
  })
  document.addEventListener('resume', onReturn)
  addEventListener('pageshow', (event) => {
    if (event.persisted) onReturn()
  })
  addEventListener('focus', onReturn)
  addEventListener('online', onReturn)
  // Then the page can say so before somebody waits for it.
  addEventListener('offline', onReturn)
  setInterval(() => {
    if (document.visibilityState === 'visible') onSecond()
  }, 1000)
}
