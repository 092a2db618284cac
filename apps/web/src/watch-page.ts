interface PageWatcher {
  onReturn(): void
  onSecond(): void
}

/**
 * Tells when somebody comes back to the page (from the mail app, another window or tab, the back-forward cache, a
 * frozen state or a dropped connection), and once a second while they look at it. Until `signal` aborts, if it does.
 */
export function watchPage({ onReturn, onSecond }: PageWatcher, signal = new AbortController().signal): void {
  const until = { signal }
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') onReturn()
    },
    until,
  )
  document.addEventListener('resume', onReturn, until)
  addEventListener(
    'pageshow',
    (event) => {
      if (event.persisted) onReturn()
    },
    until,
  )
  addEventListener('focus', onReturn, until)
  addEventListener('online', onReturn, until)
  // Then the page can say so before somebody waits for it.
  addEventListener('offline', onReturn, until)
  const seconds = setInterval(() => {
    if (document.visibilityState === 'visible') onSecond()
  }, 1000)
  signal.addEventListener('abort', () => clearInterval(seconds))
}
