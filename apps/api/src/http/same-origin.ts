import type { HttpMiddleware } from './http-context.ts'
import { sendProblem } from './problem.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export interface SameOriginOptions {
  publicOrigin: URL
  allowLoopback: boolean
  /** Other origins whose pages may call. */
  alsoFrom: readonly string[]
}

/**
 * Refuses unsafe calls that a browser makes for another site, with a cookie or without: the call that sends
 * a code needs none. What the browser sends of Sec-Fetch-Site and Origin must both allow it. One that knows neither
 * may still send Referer, which must allow it then; a client that sends none of them is no browser. (ASVS 3.5.1)
 */
export function sameOrigin({ publicOrigin, allowLoopback, alsoFrom }: SameOriginOptions): HttpMiddleware {
  return function refuseOtherOrigins(ctx, next) {
    if (safeMethods.has(ctx.method)) return next()
    const site = ctx.get('Sec-Fetch-Site')
    const origin = ctx.get('Origin') || (site === '' ? originOf(ctx.get('Referer')) : '')
    const isListed = alsoFrom.includes(origin)
    const isOwn =
      origin === publicOrigin.origin ||
      // In development the host check lets any loopback name through, and only those.
      (allowLoopback && origin === `http://${ctx.host}`)
    switch (site) {
      case '':
      case 'same-origin':
      case 'none':
        if (origin === '' || isOwn || isListed) return next()
        break
      case 'same-site':
      case 'cross-site':
        if (isListed) return next()
    }
    sendProblem(ctx, 'cross_site_request', {
      detail: 'This call may only come from the pages of this service.',
    })
  }
}

/** The origin of the page that a Referer names: `null`, which is nobody's, where it names none. */
function originOf(referer: string): string {
  return referer === '' ? '' : (URL.parse(referer)?.origin ?? 'null')
}
