import type { Logger } from '../logger.ts'
import type { HttpContext, HttpMiddleware } from './http-context.ts'
import { sendProblem } from './problem.ts'

export interface ShedLoadOptions {
  /** How many requests may be worked on at once. */
  most: number
  /** Paths that are answered all the same: a busy process is alive. */
  exempt: readonly string[]
  logger: Logger
  clock: () => number
}

const betweenLinesMs = 10_000

/**
 * Refuses at once what would only wait in line: a client that has given up by the time of its answer has
 * cost all others theirs. The bodies are there before (`bodyFirst`): those that never come use up no place.
 */
export function shedLoad({ most, exempt, logger, clock }: ShedLoadOptions): HttpMiddleware {
  let underWay = 0
  let shed = 0
  let lastLineAtMs = Number.NEGATIVE_INFINITY

  function refuse(ctx: HttpContext): void {
    shed += 1
    if (clock() - lastLineAtMs >= betweenLinesMs) {
      lastLineAtMs = clock()
      logger.warn('overloaded', { underWay, shed })
      shed = 0
    }
    const detail = 'The service has more to do than it can. Nothing was begun; please try again in a moment.'
    sendProblem(ctx, 'overloaded', { detail, retryAfterInSeconds: 2 })
  }

  return async function shedAboveMost(ctx, next) {
    if (exempt.includes(ctx.path)) return next()
    if (underWay >= most) return refuse(ctx)
    underWay += 1
    try {
      await next()
    } finally {
      underWay -= 1
    }
  }
}
