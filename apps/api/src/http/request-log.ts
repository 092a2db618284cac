import { randomUUID } from 'node:crypto'
import type { Logger } from '../logger.ts'
import type { AnsweredReject } from '../rejects.ts'
import type { HttpContext, HttpMiddleware } from './http-context.ts'
import type { ProblemCode } from './problem.ts'

export interface RequestLogOptions {
  logger: Logger
  onReject: (reject: AnsweredReject) => void
  /** Paths that an open page asks for all the time: at level `http` they would be all there is to read. */
  everySecond?: readonly string[]
  /** Paths that a proxy asks for before each request that it lets through, whoever that is from. */
  forEach?: readonly string[]
}

/**
 * Gives each request an id, answers it in `X-Request-Id`, logs what was refused, and each request at level `http`.
 */
export function requestLog({
  logger,
  onReject,
  everySecond = [],
  forEach = [],
}: RequestLogOptions): HttpMiddleware {
  const logsEach = logger.isLevelEnabled('http')
  return async function logRequest(ctx, next) {
    ctx.state.requestId = randomUUID()
    ctx.set('X-Request-Id', ctx.state.requestId)
    const startedAtMs = logsEach ? performance.now() : 0
    await next()
    const { problem, reject } = ctx.state
    if (problem !== undefined) {
      const level = forEach.includes(ctx.path) && isNobody(ctx) ? 'http' : levelOf(problem, ctx.status)
      // A proxy that does not pass the Host header on is found by the one that came.
      const host = problem === 'misdirected_request' ? { host: ctx.get('Host') } : {}
      logger.log(level, 'request refused', {
        ...describe(ctx),
        ...host,
        code: problem,
        ...describeReject(ctx),
      })
    } else {
      // Looking is allowed to everybody: nothing was refused, but a session that somebody had is lost.
      if (reject !== undefined) {
        logger.info('session does not hold', { ...describe(ctx), ...describeReject(ctx) })
      }
      if (logsEach) {
        const level = everySecond.includes(ctx.path) ? 'debug' : 'http'
        logger.log(level, 'request', {
          ...describe(ctx),
          ms: Math.round(performance.now() - startedAtMs),
        })
      }
    }
    if (reject !== undefined) onReject(reject)
  }
}

function describe({ state, method, path, status }: HttpContext) {
  return { requestId: state.requestId, method, path, status }
}

function describeReject({ state }: HttpContext) {
  const reason = state.reject?.reason
  const reference = state.reject?.reference ?? state.reference
  return { ...(reason === undefined ? {} : { reason }), ...(reference === undefined ? {} : { reference }) }
}

/** Whether nothing was presented that could have held: no session is lost, and nobody is turned away who had one. */
function isNobody({ state: { problem, reject } }: HttpContext): boolean {
  return problem === 'not_signed_in' && reject?.reason === 'cookie_missing'
}

function levelOf(problem: ProblemCode, status: number): string {
  // What is shed is told once in a while, with a count: a line for each would be more load.
  if (problem === 'overloaded') return 'http'
  return status >= 500 ? 'warn' : 'info'
}
