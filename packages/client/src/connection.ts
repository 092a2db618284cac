import { exchange, type Limits, type Outcome, type Reader } from './exchange.ts'

export interface ConnectionOptions {
  /** Origin of the server, such as `https://login.example.com`. Default: the origin of the page. */
  baseUrl?: string
  fetch?: typeof globalThis.fetch
  /** `bearer` for callers without a cookie jar, such as Node: the client then keeps the token itself. */
  transport?: 'cookie' | 'bearer'
  /** A bearer token kept from an earlier run. */
  token?: string
}

/** What is asked for. */
export interface Asked<Found> {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  read: Reader<Found>
  body?: object
  /** Names the call, so that it can be repeated. (draft-ietf-httpapi-idempotency-key-header) */
  idempotencyKey?: string
}

/** Makes single requests, each with the token that the one before brought. */
export interface Connection {
  request<Found>(asked: Asked<Found>, limits: Limits): Promise<Outcome<Found>>
  token(): string | undefined
  forgetToken(): void
}

export function openConnection(options: ConnectionOptions): Connection {
  const { fetch = globalThis.fetch, transport = 'cookie' } = options
  const baseUrl = (options.baseUrl ?? originOfPage()).replace(/\/+$/, '')
  let token = transport === 'bearer' ? options.token : undefined

  return {
    async request({ method, path, read, body, idempotencyKey }, limits) {
      const headers: Record<string, string> = { accept: 'application/json, application/problem+json' }
      if (body) headers['content-type'] = 'application/json'
      if (idempotencyKey) headers['idempotency-key'] = idempotencyKey
      if (token !== undefined) headers.authorization = `Bearer ${token}`
      const init: RequestInit = {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        // A page of another origin of the same site may use the cookie where the server lists it in CORS_ORIGINS.
        credentials: transport === 'bearer' ? 'omit' : 'include',
        cache: 'no-store',
        redirect: 'error',
      }
      const { outcome, token: newToken } = await exchange(fetch, `${baseUrl}${path}`, init, read, limits)
      if (transport === 'bearer' && newToken !== undefined) token = newToken
      return outcome
    },
    token: () => token,
    forgetToken() {
      token = undefined
    },
  }
}

function originOfPage(): string {
  const { location } = globalThis as { location?: Location }
  if (location) return location.origin
  throw new TypeError('createClient expected a baseUrl: outside a browser there is no page to take it from.')
}
