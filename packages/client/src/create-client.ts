import { type Answer, exchange, type Outcome, type Reader } from './exchange.ts'
import { readAccount, readDone, readSessions, readView } from './readers.ts'
import type { AccountView, ListedSession } from './views.ts'

export interface ClientOptions {
  /** Origin of the server, such as `https://login.example.com`. Default: the origin of the page. */
  baseUrl?: string
  fetch?: typeof globalThis.fetch
  /** `bearer` for callers without a cookie jar, such as Node: the client then keeps the token itself. */
  transport?: 'cookie' | 'bearer'
  /** A bearer token kept from an earlier run. */
  token?: string
  /** How long to wait for the whole answer of one call. Default: 10,000 ms. */
  timeoutInMs?: number
}

export interface Client {
  /** Starts a verification: mails a code to the address. */
  send(input: { email: string; type?: 'login' | 'signup' }): Promise<Answer>
  /** Mails one more code for the same verification. Earlier codes stay good; tries are not given back. */
  resend(): Promise<Answer>
  /** Checks a code. When the answer was lost, the same code can be sent again for 60 s with the same outcome. */
  verify(input: { code: string }): Promise<Answer>
  /** Ends the verification, to use another address. Where the session stands then, `session` tells. */
  cancel(): Promise<Outcome<object>>
  /** Reads the step the session is at. */
  session(): Promise<Answer>
  logout(input?: { everywhere?: boolean }): Promise<Answer>
  /** Lists the live sign-ins of the account. */
  sessions(): Promise<Outcome<{ sessions: ListedSession[] }>>
  /** Ends one of them; ending the current one is signing out. */
  endSession(id: string): Promise<Outcome<object>>
  /** Who is signed in; refused with `not_signed_in` where nobody is. */
  check(): Promise<Outcome<{ account: AccountView }>>
  /** The bearer token held now, to be kept for a later run. Secret. Always undefined with cookies. */
  token(): string | undefined
}

/**
 * Makes a client of the HTTP API. Refusals, outages and time-outs come back as `{ ok: false, problem }`; no
 * call throws. A call that ends in `unreachable` or `store_unavailable` may be repeated, `send` and `resend` at
 * the price of a second mail.
 */
export function createClient(options: ClientOptions = {}): Client {
  const { fetch = globalThis.fetch, transport = 'cookie', timeoutInMs = 10_000 } = options
  const baseUrl = (options.baseUrl ?? originOfPage()).replace(/\/+$/, '')
  let token = transport === 'bearer' ? options.token : undefined

  async function call<Found>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    read: Reader<Found>,
    body?: object,
  ): Promise<Outcome<Found>> {
    const headers: Record<string, string> = { accept: 'application/json, application/problem+json' }
    if (body) headers['content-type'] = 'application/json'
    if (token !== undefined) headers.authorization = `Bearer ${token}`
    const init: RequestInit = {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      // A page of another origin of the same site may use the cookie where the server lists it in CORS_ORIGINS.
      credentials: transport === 'bearer' ? 'omit' : 'include',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutInMs),
    }
    const { outcome, token: newToken } = await exchange(fetch, `${baseUrl}${path}`, init, read)
    if (transport === 'bearer' && newToken !== undefined) token = newToken
    return outcome
  }

  return {
    send: (input) =>
      call('POST', '/auth/otp/send', readView, transport === 'bearer' ? { ...input, transport } : input),
    resend: () => call('POST', '/auth/otp/resend', readView, {}),
    verify: (input) => call('POST', '/auth/otp/verify', readView, input),
    cancel: () => call('DELETE', '/auth/otp', readDone),
    session: () => call('GET', '/auth/session', readView),
    async logout(input = {}) {
      const body = input.everywhere ? { everywhere: true } : {}
      const answer = await call('POST', '/auth/logout', readView, body)
      if (answer.ok) token = undefined
      return answer
    },
    sessions: () => call('GET', '/auth/sessions', readSessions),
    endSession: (id) => call('DELETE', `/auth/sessions/${encodeURIComponent(id)}`, readDone),
    check: () => call('GET', '/auth/check', readAccount),
    token: () => token,
  }
}

function originOfPage(): string {
  const { location } = globalThis as { location?: Location }
  if (location) return location.origin
  throw new TypeError('createClient expected a baseUrl: outside a browser there is no page to take it from.')
}
