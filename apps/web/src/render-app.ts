import { createClient } from '@holdfast/client'
import type { Messages } from '@holdfast/messages'
import type { PageData } from '@holdfast/page-data'
import { render } from 'svelte/server'
import App from './App.svelte'
import { emptyDraft } from './draft.ts'
import { SignIn } from './sign-in.svelte.ts'
import { createWayBack } from './way-back.ts'

/** The page as HTML: what belongs into its head, and its body. */
export function renderApp(data: PageData, messages: Messages): { head: string; body: string } {
  const nowMs = data.renderedAtMs
  // Nothing is asked and nobody is led anywhere while a page is made: that begins in the browser.
  const client = createClient({ baseUrl: 'http://localhost' })
  const clock = { hear() {}, nowMs: () => nowMs }
  const wayBack = createWayBack({
    target: data.returnTo,
    replace() {},
    memory: () => ({ getItem: () => null, setItem() {} }),
    clock: clock.nowMs,
  })
  const signIn = new SignIn({
    client,
    tryNow: () => false,
    clock,
    wayBack,
    draft: { read: () => emptyDraft, write() {} },
    tellOtherTabs() {},
    start: { ...data, nowMs },
  })
  const { head, body } = render(App, { props: { signIn, messages, settings: data.settings } })
  return { head, body: nameRequests(focusError(body), data.unsent?.idempotency_key) }
}

/**
 * Where no code runs, the browser itself moves the focus to the field in error. Not said in the component: each browser
 * would load the code for it, beside that which does so on arrival.
 */
function focusError(body: string): string {
  return body.replace(/<input(?:[^>"]|"[^"]*")*? aria-invalid="true"/, '$& autofocus')
}

/**
 * Where no code runs, a button that is pressed twice sends its form twice: named by the server, both are one request and
 * mail one code. A form that could not be looked at keeps the name that it had. It stands in the button, so that the
 * page is the same for the code that takes it over.
 */
function nameRequests(body: string, nameBefore = ''): string {
  return body.replace(/name="step" value="(?:send|resend)"(?:(?!<\/form>).)*?<button(?= )/gs, (form) => {
    const name = /^[\w-]+$/.test(nameBefore) ? nameBefore : crypto.randomUUID()
    return `${form} name="idempotency_key" value="${name}"`
  })
}
