import { createClient } from '@holdfast/client'
import type { ServerClock } from './server-clock.ts'
import { SignIn, type SignInStart } from './sign-in.svelte.ts'
import { createWayBack } from './way-back.ts'

/** The state of a page in a browser: with what a browser has for it. */
export function openSignIn(options: { clock: ServerClock; returnTo: string; start?: SignInStart }): SignIn {
  const { returnTo, ...rest } = options
  const wayBack = createWayBack({
    target: returnTo,
    replace: (url) => location.replace(url),
    memory: () => sessionStorage,
    clock: Date.now,
  })
  return new SignIn({ client: createClient({ retries: 0 }), wayBack, ...rest })
}
