import { StoreUnavailableError } from '@holdfast/store'
import type { Logger } from '../logger.ts'
import type { HttpMiddleware } from './http-context.ts'
import { type ProblemCode, sendProblem } from './problem.ts'

const codeOfStatus: Partial<Record<number, ProblemCode>> = {
  400: 'bad_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  501: 'method_not_allowed',
}

const details: Partial<Record<ProblemCode, string>> = {
  bad_request: 'The request could not be read to its end.',
  not_found: 'There is nothing here.',
  method_not_allowed: 'This address does not answer that method; see the Allow header.',
  payload_too_large: 'The body may have 4096 bytes.',
  unsupported_media_type:
    "Send JSON, with Content-Type: application/json and no Content-Encoding; /sign-in takes only the page's forms.",
}

/**
 * The one error path. Koa's own would strip the headers that are set already and answer in plain text; this
 * keeps them and answers with a problem.
 */
export function problemErrors(logger: Logger): HttpMiddleware {
  return async function answerErrors(ctx, next) {
    try {
      await next()
      if (ctx.status >= 400 && ctx.body == null) sendStatus(ctx, ctx.status)
    } catch (error) {
      // Whatever failed, the browser keeps the cookie it has: an outage never signs anybody out.
      ctx.remove('Set-Cookie')
      if (error instanceof StoreUnavailableError) {
        logger.error('store unavailable', { requestId: ctx.state.requestId, cause: causeOf(error) })
        const detail = 'The service cannot reach its store. Nothing is lost; please try again in a moment.'
        sendProblem(ctx, 'store_unavailable', { detail, retryAfterInSeconds: 2 })
      } else if (isClientError(error)) {
        sendStatus(ctx, error.status)
      } else {
        logger.error('request failed', { requestId: ctx.state.requestId, stack: (error as Error)?.stack })
        sendProblem(ctx, 'internal', { detail: 'The error is logged under the requestId of this answer.' })
      }
    }
  }
}

function sendStatus(ctx: Parameters<HttpMiddleware>[0], status: number): void {
  const code = codeOfStatus[status] ?? 'bad_request'
  sendProblem(ctx, code, { detail: details[code] ?? 'The request was refused.' })
}

/** What koa's `ctx.throw` and the body reader throw for a request that is at fault itself. */
function isClientError(error: unknown): error is { status: number } {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500
}

function causeOf(error: StoreUnavailableError): string {
  return error.cause instanceof Error ? error.cause.message : error.message
}
