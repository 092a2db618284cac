import { isLoopback } from '@holdfast/settings'
import type { HttpMiddleware } from './http-context.ts'
import { sendProblem } from './problem.ts'

/**
 * Refuses a request with two Host headers: a proxy may have looked at the other one. (RFC 9112 section 3.2)
 */
export const oneHost: HttpMiddleware = (ctx, next) => {
  const names = ctx.req.rawHeaders.filter((_text, index) => index % 2 === 0)
  if (names.filter((name) => name.toLowerCase() === 'host').length < 2) return next()
  ctx.set('Connection', 'close')
  sendProblem(ctx, 'bad_request', { detail: 'The request names more than one host.' })
}

/**
 * Answers only for the host of the public origin, so that a poisoned Host header reaches nothing. In
 * development any loopback name and port will do. (ASVS 13.1)
 */
export function hostCheck(options: {
  publicOrigin: URL
  allowLoopback: boolean
  /** Paths that answer for any host: a load balancer asks by address. */
  exempt: readonly string[]
}): HttpMiddleware {
  return function checkHost(ctx, next) {
    if (options.exempt.includes(ctx.path)) return next()
    const host = ctx.get('Host').toLowerCase()
    const isOurs = host === options.publicOrigin.host
    if (isOurs || (options.allowLoopback && isLoopback(host))) return next()
    sendProblem(ctx, 'misdirected_request', { detail: 'This server does not answer for that host.' })
  }
}
