import getRawBody from 'raw-body'
import type { HttpContext, HttpMiddleware } from './http-context.ts'

const mostBytes = 4096
const withoutBody = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Takes in the body of a request before anything is done for it, so that one which comes slowly or never keeps
 * nothing but its connection. What is wrong with a body is told by the route that wants it; where its client has gone,
 * nobody is left to work for.
 */
export function bodyFirst(): HttpMiddleware {
  return async function takeBodyFirst(ctx, next) {
    if (!withoutBody.has(ctx.method) && hasBody(ctx)) {
      ctx.state.body = readBytes(ctx)
      await ctx.state.body.catch((error: { type?: string }) => {
        if (error.type === 'request.aborted') throw error
      })
    }
    await next()
  }
}

function hasBody(ctx: HttpContext): boolean {
  return ctx.get('Transfer-Encoding') !== '' || Number(ctx.get('Content-Length') || 0) > 0
}

async function readBytes(ctx: HttpContext): Promise<Buffer> {
  const isPlainJson = ctx.is('application/json') && (ctx.get('Content-Encoding') || 'identity') === 'identity'
  if (!isPlainJson) ctx.throw(415)
  return getRawBody(ctx.req, { length: ctx.get('Content-Length') || null, limit: mostBytes })
}
