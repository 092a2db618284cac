import type { Logger } from '../logger.ts'

/** That the client has gone, in the middle of its answer. */
const departures = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']

/**
 * For koa's `error` event: what fails once an answer has begun, such as the reading of a file. Koa itself would
 * print it, over several lines, to standard error.
 */
export function logAnswerError(logger: Logger): (error: NodeJS.ErrnoException) => void {
  // Koa tells of an error of a body twice.
  const told = new WeakSet<Error>()
  return function logUnlessGone(error) {
    if (departures.includes(error.code ?? '') || told.has(error)) return
    told.add(error)
    logger.error('answer failed', { stack: error.stack })
  }
}
