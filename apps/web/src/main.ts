import { createClient } from '@holdfast/client'
import { chooseLanguage, directionOf, type Messages } from '@holdfast/messages'
import { loadCompiledMessages } from '@holdfast/messages/load-compiled'
import { mount } from 'svelte'
import App from './App.svelte'
import './design.css'
import { readPageSettings } from './page-settings.ts'
import { createServerClock } from './server-clock.ts'
import { SignIn } from './sign-in.svelte.ts'
import { watchPage } from './watch-page.ts'
import { createWayBack } from './way-back.ts'

const reloadAfterMs = 2000

const language = chooseLanguage(navigator.languages)
document.documentElement.lang = language
document.documentElement.dir = directionOf(language)

const wayBack = createWayBack({
  search: location.search,
  replace: (url) => location.replace(url),
  memory: () => sessionStorage,
  clock: Date.now,
})
const signIn = new SignIn(createClient({ retries: 0 }), createServerClock(), wayBack)
signIn.look()
loadCompiledMessages(language).then(open, reloadLater)

function open(messages: Messages): void {
  const target = document.querySelector('#app') ?? document.body
  mount(App, { target, props: { signIn, messages, settings: readPageSettings(document) } })
  watchPage({ onReturn: () => signIn.look(), onSecond: () => signIn.tick() })
}

/** A browser may remember that an import has failed: only a new page asks for it again. */
function reloadLater(): void {
  setTimeout(() => location.reload(), reloadAfterMs)
}
