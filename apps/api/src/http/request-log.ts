import { randomUUID } from 'node:crypto'
import type { Logger } from '../logger.ts'
import type { HttpMiddleware } from './http-context.ts'

/** Gives each request an id, answers it in `X-Request-Id`, and logs the request at level `http`. */
export function requestLog(logger: Logger): HttpMiddleware {
  const logsEach = logger.isLevelEnabled('http')
  return async function logRequest(ctx, next) {
    ctx.state.requestId = randomUUID()
    ctx.set('X-Request-Id', ctx.state.requestId)
    const startedAtMs = logsEach ? performance.now() : 0
    await next()
    const { requestId, problem, reason } = ctx.state
    if (problem !== undefined) {
      const level = ctx.status >= 500 ? 'warn' : 'info'
      logger.log(level, 'request refused', {
        requestId,
        method: ctx.method,
        path: ctx.path,
        status: ctx.status,
        code: problem,
        ...(reason === undefined ? {} : { reason }),
      })
    } else if (logsEach) {
      logger.http('request', {
        requestId,
        method: ctx.method,
        path: ctx.path,
        status: ctx.status,
        ms: Math.round(performance.now() - startedAtMs),
      })
    }
  }
}
