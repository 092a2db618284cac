import { pseudonymOf } from '@holdfast/core'
import type { Logger } from './logger.ts'
import type { TellEvent } from './sign-in/authentication-event.ts'

/**
 * Logs each authentication event as one line: the reference that support is told, the keyed name of the address
 * and the key, and never a code, a session or the address itself. (ASVS 16.3.1)
 */
export function createAuthenticationLog(logger: Logger, pseudonymKey: string): TellEvent {
  return function logEvent(event, { reference, email, kid }, more) {
    logger.info(event, {
      ...(reference === undefined ? {} : { reference }),
      to: pseudonymOf(pseudonymKey, email),
      kid,
      ...more,
    })
  }
}
