import type { KeyRing } from '@holdfast/core'
import type { Config } from '../config.ts'
import type { Logger } from '../logger.ts'
import type { Store } from '../store/store.ts'
import { createDevMailbox, type DevMailbox } from './dev-mailbox.ts'
import { createDevTransport } from './dev-transport.ts'
import type { MailTransport } from './mail-transport.ts'
import { Outbox } from './outbox.ts'

export interface OpenMailOptions {
  config: Config
  store: Store
  keyRing: () => KeyRing
  clock: () => number
  logger: Logger
  publicOrigin: URL
}

/** Puts together where mails go: the mail server, and in development the developer mailbox. */
export async function openMail(
  options: OpenMailOptions,
): Promise<{ outbox: Outbox; mailbox: DevMailbox | undefined }> {
  const { config, publicOrigin } = options
  const smtp = await openSmtp(config, publicOrigin)
  if (config.isProduction && smtp !== undefined)
    return { outbox: openOutbox(options, smtp), mailbox: undefined }
  const mailbox = createDevMailbox(options)
  const transport = createDevTransport({ mailbox, logger: options.logger, smtp })
  return { outbox: openOutbox(options, transport), mailbox }
}

function openOutbox(options: OpenMailOptions, transport: MailTransport): Outbox {
  return new Outbox({ ...options, transport, appName: options.config.APP_NAME })
}

async function openSmtp(config: Config, publicOrigin: URL): Promise<MailTransport | undefined> {
  if (config.SMTP_URL === undefined) return undefined
  // Loaded only where there is a mail server: a server that sends no mail starts faster without it.
  const { createSmtpTransport } = await import('./smtp-transport.ts')
  return createSmtpTransport({
    url: config.SMTP_URL,
    from:
      config.MAIL_FROM ?? `${config.APP_NAME.replace(/[<>,;"]/g, '')} <holdfast@${publicOrigin.hostname}>`,
  })
}
