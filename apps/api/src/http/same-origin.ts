import type { HttpMiddleware } from './http-context.ts'
import { sendProblem } from './problem.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses unsafe calls that a browser makes for another site, with a cookie or without: the call that sends
 * a code needs none. Sec-Fetch-Site decides where the browser sends it, else Origin; a client that sends
 * neither is no browser. (ASVS 3.5.1)
 */
export function sameOrigin(options: { publicOrigin: URL; allowLoopback: boolean }): HttpMiddleware {
  return function refuseOtherOrigins(ctx, next) {
    if (safeMethods.has(ctx.method)) return next()
    const fetchSite = ctx.get('Sec-Fetch-Site')
    const origin = ctx.get('Origin')
    const isSameOrigin =
      fetchSite !== ''
        ? fetchSite === 'same-origin' || fetchSite === 'none'
        : origin === '' ||
          origin === options.publicOrigin.origin ||
          // In development the host check lets any loopback name through, and only those.
          (options.allowLoopback && origin === `http://${ctx.host}`)
    if (isSameOrigin) return next()
    sendProblem(ctx, 'cross_site_request', {
      detail: 'This call may only come from the pages of this service.',
    })
  }
}
