import { createClient } from '@holdfast/client'
import { mount } from 'svelte'
import App from './App.svelte'
import './design.css'
import { readPageSettings } from './page-settings.ts'
import { createServerClock } from './server-clock.ts'
import { SignIn } from './sign-in.svelte.ts'
import { watchPage } from './watch-page.ts'
import { createWayBack } from './way-back.ts'

const wayBack = createWayBack({
  search: location.search,
  replace: (url) => location.replace(url),
  memory: () => sessionStorage,
  clock: Date.now,
})
const signIn = new SignIn(createClient(), createServerClock(), wayBack)
const target = document.querySelector('#app') ?? document.body

mount(App, { target, props: { signIn, settings: readPageSettings(document) } })
watchPage({ onReturn: () => signIn.look(), onSecond: () => signIn.tick() })
signIn.look()
