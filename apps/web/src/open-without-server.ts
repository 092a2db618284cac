import { chooseLanguage, directionOf } from '@holdfast/messages'
import { loadCompiledMessages } from '@holdfast/messages/load-compiled'
import { mount } from 'svelte'
import App from './App.svelte'
import { openSignIn } from './open-sign-in.ts'
import { openOtherTabs } from './other-tabs.ts'
import { createServerClock } from './server-clock.ts'
import { watchPage } from './watch-page.ts'

const language = chooseLanguage(navigator.languages)
document.documentElement.lang = language
document.documentElement.dir = directionOf(language)

const otherTabs = openOtherTabs()
const signIn = openSignIn({
  otherTabs,
  clock: createServerClock(),
  returnTo: new URLSearchParams(location.search).get('return_to') ?? '',
})
signIn.look()
const messages = await loadCompiledMessages(language)
mount(App, {
  target: document.querySelector('#app') ?? document.body,
  props: {
    signIn,
    messages,
    settings: { appName: 'Holdfast', maxAttempts: 5, developerMailbox: '/dev/mail' },
  },
})
watchPage({ onReturn: () => signIn.look(), onSecond: () => signIn.tick() })
otherTabs.watch(() => signIn.look())
