import Cookies from 'cookies'
import type Koa from 'koa'
import type { HttpContext, HttpExtras, HttpState } from './http-context.ts'

/** The name and the attributes of the one cookie, on first set, re-issue and removal alike. (ASVS 3.3.1 to 3.3.5) */
export interface SessionCookie {
  name: string
  options: { httpOnly: true; sameSite: 'lax'; secure: boolean; path: '/'; signed: false; overwrite: true }
}

/** With an https origin the name has the `__Host-` prefix, which no sibling domain can set. */
export function createSessionCookie(isHttps: boolean): SessionCookie {
  return {
    name: isHttps ? '__Host-holdfast' : 'holdfast',
    options: { httpOnly: true, sameSite: 'lax', secure: isHttps, path: '/', signed: false, overwrite: true },
  }
}

/**
 * Lets the app write a Secure cookie although the connection to it is plain: TLS ends at the proxy, and the
 * public origin says what the browser sees.
 */
export function writeCookiesAs(app: Koa<HttpState, HttpExtras>, cookie: SessionCookie): void {
  Object.defineProperty(app.context, 'cookies', {
    get(this: HttpContext) {
      const cookies = new Cookies(this.req, this.res, { secure: cookie.options.secure })
      Object.defineProperty(this, 'cookies', { value: cookies })
      return cookies
    },
  })
}

/** Every distinct value that the request carries under the cookie's name. */
export function readCookieValues(header: string, name: string): string[] {
  const prefix = `${name}=`
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => pair.slice(prefix.length))
  return [...new Set(values)]
}
