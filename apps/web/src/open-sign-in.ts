import { createClient } from '@holdfast/client'
import type { Language } from '@holdfast/messages'
import { createDraftMemory } from './draft.ts'
import type { OtherTabs } from './other-tabs.ts'
import { createPatience } from './patience.ts'
import type { ServerClock } from './server-clock.ts'
import { SignIn } from './sign-in.svelte.ts'
import type { SignInStart } from './sign-in-options.ts'
import { createWayBack } from './way-back.ts'

/** The state of a page in a browser: with what a browser has for it. */
export function openSignIn(options: {
  clock: ServerClock
  returnTo: string
  /** Origin of the server, where that is another one than the page's. */
  baseUrl?: string
  /** Of what is asked for, and so of the mails. Default: what the browser prefers. */
  language?: Language
  otherTabs: OtherTabs
  start?: SignInStart
}): SignIn {
  const { returnTo, baseUrl = location.origin, language, otherTabs, ...rest } = options
  const wayBack = createWayBack({
    target: returnTo,
    replace: (url) => location.replace(url),
    memory: () => sessionStorage,
    clock: Date.now,
  })
  const patience = createPatience()
  const forEver = Number.POSITIVE_INFINITY
  return new SignIn({
    client: createClient({
      baseUrl,
      fetch: language === undefined ? fetch : askingIn(language),
      retries: forEver,
      totalTimeoutInMs: forEver,
      wait: patience.wait,
    }),
    tryNow: patience.end,
    wayBack,
    draft: createDraftMemory(() => sessionStorage),
    tellOtherTabs: otherTabs.tell,
    ...rest,
  })
}

function askingIn(language: Language): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('Accept-Language', language)
    return fetch(input, { ...init, headers })
  }
}
