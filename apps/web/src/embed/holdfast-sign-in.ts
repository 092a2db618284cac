import type { SessionView } from '@holdfast/client'
import { chooseLanguage } from '@holdfast/messages'
import { loadCompiledMessages } from '@holdfast/messages/load-compiled'
import { mount, unmount } from 'svelte'
import '../design.css'
import { keepFocusUntilEntered } from '../focus-on-arrival.ts'
import { openSignIn } from '../open-sign-in.ts'
import { openOtherTabs } from '../other-tabs.ts'
import { createServerClock } from '../server-clock.ts'
import { watchPage } from '../watch-page.ts'
import { askIn } from './ask-in.ts'
import EmbeddedSignIn from './EmbeddedSignIn.svelte'
import { loadParts, type Parts } from './load-parts.ts'

/** The server is the one that this file came from. */
const here = import.meta.url
const otherTabs = openOtherTabs()
let parts: Promise<Parts> | undefined

/**
 * The sign-in as an element, for pages of the server's site: `<holdfast-sign-in lang="de" app-name="Acme">`. It tells by
 * the events `holdfast-signed-in` and `holdfast-signed-out`, whose detail is the SessionView. Until it is ready, and
 * where it never is, what stands between its tags is shown.
 */
class HoldfastSignIn extends HTMLElement {
  static observedAttributes = ['lang', 'app-name']
  #session: SessionView | null = null
  #closing: AbortController | undefined

  /** Where the session stands; null as long as that is not known. */
  get session(): SessionView | null {
    return this.#session
  }

  connectedCallback(): void {
    this.#close()
    this.#closing = new AbortController()
    this.#open(this.#closing.signal)
  }

  disconnectedCallback(): void {
    this.#close()
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (this.isConnected && this.#closing !== undefined && before !== now) this.connectedCallback()
  }

  async #open(closed: AbortSignal): Promise<void> {
    parts ??= loadParts(here)
    const language = chooseLanguage(this.#languages())
    const [messages, { styles, maxAttempts }] = await Promise.all([loadCompiledMessages(language), parts])
    if (closed.aborted) return
    const target = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    target.adoptedStyleSheets = [styles]
    keepFocusUntilEntered(target)
    const signIn = openSignIn({
      server: { baseUrl: new URL(here).origin, fetch: askIn(language) },
      clock: createServerClock(),
      returnTo: '',
      otherTabs,
    })
    const appName = this.getAttribute('app-name') ?? location.hostname
    const settings = { appName, maxAttempts, developerMailbox: '' }
    const onview = (view: SessionView) => this.#tell(view)
    const mounted = mount(EmbeddedSignIn, { target, props: { signIn, messages, settings, onview } })
    closed.addEventListener('abort', () => {
      signIn.stop()
      unmount(mounted)
    })
    signIn.begin()
    watchPage({ onReturn: () => signIn.look(), onSecond: () => signIn.tick() }, closed)
    otherTabs.watch(() => signIn.look(), closed)
  }

  #close(): void {
    this.#closing?.abort()
    this.#closing = undefined
  }

  /** Its own language, else that of the page, else those of the browser. */
  #languages(): readonly string[] {
    const nearest = this.closest<HTMLElement>('[lang]')?.lang
    return nearest ? [nearest, ...navigator.languages] : navigator.languages
  }

  #tell(view: SessionView): void {
    const before = this.#session?.state
    this.#session = view
    if (view.state === 'signed_in' && before !== 'signed_in') this.#dispatch('holdfast-signed-in', view)
    if (view.state !== 'signed_in' && before === 'signed_in') this.#dispatch('holdfast-signed-out', view)
  }

  #dispatch(name: string, detail: SessionView): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }
}

if (customElements.get('holdfast-sign-in') === undefined) {
  customElements.define('holdfast-sign-in', HoldfastSignIn)
}
