import { type ClientOptions, createClient } from '@holdfast/client'
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
  /** Where the server is, and how it is asked. Default: where the page came from, as the browser asks. */
  server?: Pick<ClientOptions, 'baseUrl' | 'fetch'>
  otherTabs: OtherTabs
  start?: SignInStart
}): SignIn {
  const { returnTo, server, otherTabs, ...rest } = options
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
      ...server,
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
