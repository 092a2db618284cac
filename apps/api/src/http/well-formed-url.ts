import type { HttpMiddleware } from './http-context.ts'
import { sendProblem } from './problem.ts'

/** Refuses a request target that is no path or does not parse: koa would throw wherever it is looked at. */
export function wellFormedUrl(): HttpMiddleware {
  return function checkUrl(ctx, next) {
    const target = ctx.req.url ?? ''
    if (URL.canParse(target, 'http://localhost') && /^(\/|https?:\/\/[^/])/.test(target)) return next()
    ctx.req.url = '/'
    sendProblem(ctx, 'bad_request', { detail: 'The request target is not a URL.' })
  }
}
