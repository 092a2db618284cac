import { type Client, createClient, type TryingOptions } from '@holdfast/client'
import { Cookie, CookieJar } from 'tough-cookie'
import type { RunningServer } from './installation.ts'
import { createProxiedFetch } from './proxied-fetch.ts'

export interface StoreCounts {
  pendingVerifications: number
  liveSignIns: number
}

export interface KeyRingView {
  ringId: string
  epoch: number
  signs: string
  verifies: string[]
  keys: { kid: string; state: string }[]
}

interface SessionDebug {
  session: { reason: string | null }
  keyRing: KeyRingView
  store: StoreCounts
}

/** For hanging: a busy machine answers late. */
const mostWaitMs = 120_000

/** A person's browser, as far as the server can tell: a cookie jar that it keeps from server to server. */
export class Visitor {
  readonly #jar: CookieJar
  /** Every Set-Cookie that was answered, oldest first, as it was sent. */
  readonly setCookies: string[] = []

  constructor(jar = new CookieJar(undefined, { prefixSecurity: 'strict' })) {
    this.#jar = jar
  }

  /** Another browser with the same cookies as this one has now. */
  async twin(): Promise<Visitor> {
    return new Visitor(await this.#jar.clone())
  }

  at(server: RunningServer, answerWithinMs = mostWaitMs): Client {
    const fetch = this.fetchAt(server)
    return createClient({ baseUrl: server.origin, fetch, ...onceWithin(answerWithinMs) })
  }

  /** For a caller without a cookie jar: the client keeps the token. */
  bearerAt(server: RunningServer, token?: string): Client {
    return createClient({
      baseUrl: server.origin,
      fetch: createProxiedFetch(server.port),
      transport: 'bearer',
      ...onceWithin(mostWaitMs),
      ...(token === undefined ? {} : { token }),
    })
  }

  /** Why the session does not hold, as a development server tells. */
  async reasonAt(server: RunningServer): Promise<string | null> {
    return (await this.#debugAt(server)).session.reason
  }

  /** What the store holds, as a development server tells. */
  async countsAt(server: RunningServer): Promise<StoreCounts> {
    return (await this.#debugAt(server)).store
  }

  /** The key ring that the server uses, as a development server tells. */
  async keyRingAt(server: RunningServer): Promise<KeyRingView> {
    return (await this.#debugAt(server)).keyRing
  }

  async #debugAt(server: RunningServer): Promise<SessionDebug> {
    const answer = await this.fetchAt(server)(`${server.origin}/auth/session-debug`)
    return (await answer.json()) as SessionDebug
  }

  fetchAt(server: RunningServer): typeof globalThis.fetch {
    const fetch = createProxiedFetch(server.port)
    return async (input, init) => {
      const asked = new Request(input, init)
      const cookies = await this.#jar.getCookieString(asked.url)
      if (cookies !== '') asked.headers.set('cookie', cookies)
      const answer = await fetch(asked)
      for (const header of answer.headers.getSetCookie()) {
        this.setCookies.push(header)
        await this.#jar.setCookie(header, asked.url)
      }
      return answer
    }
  }

  /** The session token that the jar would present, `v1.<kid>.<id>.<mac>`. */
  async token(server: RunningServer): Promise<string> {
    const [cookie, ...others] = await this.#jar.getCookies(server.origin)
    if (cookie === undefined || others.length > 0) throw new Error('expected exactly one cookie in the jar')
    return cookie.value
  }

  lastSetCookie(): Cookie {
    const cookie = Cookie.parse(this.setCookies.at(-1) ?? '')
    if (cookie === undefined) throw new Error('expected that a cookie was set')
    return cookie
  }
}

/** Each call is one request: whoever strikes servers has to know what was answered. */
function onceWithin(ms: number): TryingOptions {
  return { retries: 0, timeoutInMs: ms, totalTimeoutInMs: ms }
}

/** The key id that a session token names. */
export function kidOf(token: string): string {
  return token.split('.')[1] ?? ''
}
