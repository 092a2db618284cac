import type { Logger } from './logger.ts'

const stopWithinMs = 10_000

/**
 * Calls `stop` at the first SIGTERM or SIGINT and exits 0 when it is done. A second signal, or ten seconds,
 * end the process at once: what is committed is safe, and the rest was not promised to anybody.
 */
export function stopOnSignal(logger: Logger, stop: () => Promise<void>): void {
  let isStopping = false
  const handle = async (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1)
    isStopping = true
    logger.info('stopping', { signal })
    setTimeout(() => {
      logger.error('not stopped in time', { seconds: stopWithinMs / 1000 })
      process.exit(1)
    }, stopWithinMs).unref()
    try {
      await stop()
      process.exit(0)
    } catch (error) {
      logger.error('not stopped cleanly', { cause: (error as Error).message })
      process.exit(1)
    }
  }
  process.on('SIGTERM', handle)
  process.on('SIGINT', handle)
}
