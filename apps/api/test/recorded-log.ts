import { Writable } from 'node:stream'
import { transports } from 'winston'
import { createLogger, type LoggerOptions } from '../src/logger.ts'

/** The logger that the server uses, its lines kept instead of printed. */
export function recordLog(options: LoggerOptions) {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  const logger = createLogger(options)
  logger.clear().add(new transports.Stream({ stream }))
  return {
    logger,
    text: () => text,
    lines: () => text.split('\n').filter((line) => line !== ''),
    /** The events of a JSON log at one level. */
    events(level: string): Record<string, unknown>[] {
      return this.lines()
        .map((line) => JSON.parse(line))
        .filter((event) => event.level === level)
    },
  }
}
