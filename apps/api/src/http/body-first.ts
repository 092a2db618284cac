import getRawBody from 'raw-body'
import type { HttpContext, HttpMiddleware } from './http-context.ts'

const mostBytes = 4096
const withoutBody = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Takes in the body of a request before anything is done for it, so that one which comes slowly or never keeps
 * nothing but its connection. What is wrong with a body is told by the route that wants it; where its client has gone,
 * nobody is left to work for. Everywhere it is JSON, but for the path of the forms.
 */
export function bodyFirst(formPath: string): HttpMiddleware {
  return async function takeBodyFirst(ctx, next) {
    if (!withoutBody.has(ctx.method) && hasBody(ctx)) {
      ctx.state.body = readBytes(
        ctx,
        ctx.path === formPath ? 'application/x-www-form-urlencoded' : 'application/json',
      )
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

async function readBytes(ctx: HttpContext, type: string): Promise<Buffer> {
  const isPlain = ctx.is(type) && (ctx.get('Content-Encoding') || 'identity') === 'identity'
  if (!isPlain) ctx.throw(415)
  return getRawBody(ctx.req, { length: ctx.get('Content-Length') || null, limit: mostBytes })
}
