import { createLogger as createWinstonLogger, format, type Logform, type Logger, transports } from 'winston'

export type { Logger }

export interface LoggerOptions {
  level: string
  format: 'pretty' | 'json'
}

/**
 * Writes one line an event to standard output. Callers give an event name and plain fields; no code,
 * session id, token, key or full address is ever a field.
 */
export function createLogger(options: LoggerOptions): Logger {
  return createWinstonLogger({
    level: options.level,
    format: format.printf(options.format === 'json' ? jsonLine : prettyLine),
    transports: [new transports.Console()],
  })
}

function jsonLine({ level, message, ...fields }: Logform.TransformableInfo): string {
  return oneLine(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }))
}

function prettyLine({ level, message, ...fields }: Logform.TransformableInfo): string {
  const time = new Date().toISOString().slice(11, 23)
  const details = Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? oneLine(value) : JSON.stringify(value)}`)
    .join('')
  return `${time} ${level.padEnd(5)} ${oneLine(String(message))}${details}`
}

/**
 * Control and direction characters from a request could forge a line or colour a terminal. They are written
 * as JSON would escape them. (ASVS 16.4.1)
 */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
