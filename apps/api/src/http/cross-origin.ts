import cors from '@koa/cors'
import type { HttpMiddleware } from './http-context.ts'

const exposeHeaders = [
  'Date',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
  'X-Holdfast-Account',
  'X-Holdfast-Email',
]

/**
 * Lets the pages of these origins call and read the answers, refusals too; any other origin gets no header.
 * The cookie is SameSite=Lax: a browser sends it along only from a page of the same site, and
 * `Access-Control-Allow-Credentials` lets such a page use it. Pages of another site call as bearer.
 */
export function crossOrigin(origins: readonly string[]): HttpMiddleware {
  return cors({
    origin(ctx) {
      const origin = ctx.get('Origin')
      return origins.includes(origin) ? origin : ''
    },
    credentials: true,
    allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key'],
    exposeHeaders,
    maxAge: 600,
  }) as HttpMiddleware
}
