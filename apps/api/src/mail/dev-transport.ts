import type { Logger } from '../logger.ts'
import type { Mail } from './code-mail.ts'
import type { DevMailbox } from './dev-mailbox.ts'
import type { MailTransport } from './mail-transport.ts'

/**
 * Where mails go in development: to the developer mailbox, and on to the mail server if there is one.
 * Without one the log shows address and code too, as their only other way to the developer.
 */
export function createDevTransport(options: {
  devMailbox: DevMailbox
  logger: Logger
  smtp: MailTransport | undefined
}): MailTransport {
  const { devMailbox, logger, smtp } = options
  return {
    capacity: smtp?.capacity ?? 64,

    async handOver(mail: Mail, deadline: AbortSignal) {
      try {
        await devMailbox.add(mail)
      } catch {
        return { delivery: 'delayed', reply: 'the developer mailbox did not take it' }
      }
      if (smtp !== undefined) return smtp.handOver(mail, deadline)
      logger.info(`mail to ${mail.to}`, { code: mail.code })
      return { delivery: 'sent', reply: 'in the developer mailbox' }
    },

    close() {
      smtp?.close()
    },
  }
}
