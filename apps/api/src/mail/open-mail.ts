import { type DkimKey, openDkimKey, senderOf } from '@holdfast/settings'
import type { Store } from '@holdfast/store'
import type { Config } from '../config.ts'
import type { KeyRingAccess } from '../keys/key-ring-access.ts'
import type { Logger } from '../logger.ts'
import { StartFault } from '../start-fault.ts'
import { createDevMailbox, type DevMailbox } from './dev-mailbox.ts'
import { createDevTransport } from './dev-transport.ts'
import type { MailColors } from './mail-colors.ts'
import type { MailTemplates } from './mail-templates.ts'
import type { MailTransport } from './mail-transport.ts'
import { Outbox } from './outbox.ts'

export interface OpenMailOptions extends KeyRingAccess {
  config: Config
  /** Names this process. */
  instance: string
  store: Store
  clock: () => number
  logger: Logger
  publicOrigin: URL
  smtp: MailTransport | undefined
  templates: MailTemplates | undefined
  colors: MailColors | undefined
}

/** Puts together where mails go: the mail server, and in development the developer mailbox. */
export function openMail(options: OpenMailOptions): { outbox: Outbox; devMailbox: DevMailbox | undefined } {
  const { config, smtp } = options
  if (config.isProduction && smtp !== undefined)
    return { outbox: openOutbox(options, smtp), devMailbox: undefined }
  const devMailbox = createDevMailbox(options)
  const transport = createDevTransport({ devMailbox, logger: options.logger, smtp })
  return { outbox: openOutbox(options, transport), devMailbox }
}

function openOutbox(options: OpenMailOptions, transport: MailTransport): Outbox {
  return new Outbox({ ...options, transport, appName: options.config.APP_NAME })
}

/** The mail server of the configuration. Loaded only where there is one: the start is faster without it. */
export async function openSmtp(config: Config): Promise<MailTransport | undefined> {
  if (config.SMTP_URL === undefined) return undefined
  const { createSmtpTransport } = await import('./smtp-transport.ts')
  return createSmtpTransport({
    url: config.SMTP_URL,
    from: senderOf(config),
    dkim: await readDkim(config),
    tokenOrigin: config.OTP_TOKEN_HEADER === 'on' ? config.PUBLIC_ORIGIN : undefined,
  })
}

/** The templates of the configuration, every one of them checked. */
export async function openMailTemplates(config: Config): Promise<MailTemplates | undefined> {
  if (config.MAIL_TEMPLATES_DIR === undefined) return undefined
  const { readTemplates } = await import('./mail-templates.ts')
  const read = await readTemplates(config.MAIL_TEMPLATES_DIR)
  if (!read.ok) throw new StartFault(read.faults.map((fault) => `MAIL_TEMPLATES_DIR: ${fault}`))
  return read.templates
}

async function readDkim(config: Config): Promise<DkimKey | undefined> {
  const read = await openDkimKey(config)
  if (!read.ok) throw new StartFault([`DKIM_KEY_FILE: ${read.fault}`])
  return read.key
}
