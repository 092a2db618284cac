import { type CompiledMessages, createMessages } from '@holdfast/messages'
import { hydrate } from 'svelte'
import App from './App.svelte'
import './design.css'
import type { PageData } from '@holdfast/page-data'
import { readData } from './data-element.ts'
import { openSignIn } from './open-sign-in.ts'
import { openOtherTabs } from './other-tabs.ts'
import { createServerClock } from './server-clock.ts'
import { readTypedBefore } from './typed-before.ts'
import { watchPage } from './watch-page.ts'

const data = readData(document, 'page-data')
const words = readData(document, 'page-words')
if (data !== null && words !== null) takeOver(data, words)
// Vite's own server, in development, hands out the page before the server has made anything of it.
else if (import.meta.env.DEV) import('./open-without-server.ts')

/** Goes on with the page that the server has made. */
function takeOver(data: PageData, words: CompiledMessages): void {
  const { settings, language, renderedAtMs, returnTo, ...start } = data
  const messages = createMessages(language, (key) => words[key])
  const clock = createServerClock()
  clock.hear(renderedAtMs, answeredAfterMs())
  const otherTabs = openOtherTabs()
  const signIn = openSignIn({ clock, returnTo, otherTabs, start: { ...start, nowMs: renderedAtMs } })
  signIn.takeOver(readTypedBefore(document))
  const target = document.querySelector('#app') ?? document.body
  hydrate(App, { target, props: { signIn, messages, settings } })
  forgetNotice()
  signIn.begin()
  watchPage({ onReturn: () => signIn.look(), onSecond: () => signIn.tick() })
  otherTabs.watch(() => signIn.look())
}

/** When the answer came that this page is, on the clock that counts from the navigation on. */
function answeredAfterMs(): number {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return navigation?.responseStart ?? 0
}

/** What became of a form is shown once: a reload, or the address sent to somebody, shows the page alone. */
function forgetNotice(): void {
  const url = new URL(location.href)
  if (!url.searchParams.has('notice')) return
  url.searchParams.delete('notice')
  history.replaceState(history.state, '', url)
}
