import {
  type DkimKey,
  faultsOfDkim,
  mailFaultsInProduction,
  mailVariables,
  openDkimKey,
  publicVariables,
  readVariables,
  senderOf,
} from '@holdfast/settings'
import { z } from 'zod'
import { CommandError } from '../command-error.ts'
import { nodeEnvironment } from '../settings.ts'

const variables = z.object({
  ...nodeEnvironment,
  ...publicVariables,
  ...mailVariables,
  /** For the words of the mail alone: the server checks it. */
  PORT: z.string().default('3000'),
})

export interface MailSettings {
  smtpUrl: string
  from: string
  dkim: DkimKey | undefined
  appName: string
  origin: string
}

/**
 * The settings by which the server sends mails.
 *
 * @throws {CommandError} with every fault, by the name of its variable; and where there is no mail server to test
 */
export async function readMailSettings(
  environment: Record<string, string | undefined>,
): Promise<MailSettings> {
  const { values, faults } = readVariables(variables, environment)
  const dkim = await openDkimKey(values)
  faults.push(...faultsOfDkim(values), ...(dkim.ok ? [] : [`DKIM_KEY_FILE: ${dkim.fault}`]))
  if (values.NODE_ENV === 'production') faults.push(...mailFaultsInProduction(values, faults))
  if (faults.length > 0 || !dkim.ok) throw CommandError.ofConfiguration(faults)
  if (values.SMTP_URL === undefined) throw CommandError.refused(noMailServer)
  return {
    smtpUrl: values.SMTP_URL,
    from: senderOf(values),
    dkim: dkim.key,
    appName: values.APP_NAME,
    origin: values.PUBLIC_ORIGIN ?? `http://localhost:${values.PORT}`,
  }
}

const noMailServer =
  'SMTP_URL is not set, so there is no mail server to test: in development mails go to the log and the developer mailbox (/dev/mail of the server); set SMTP_URL as the server has it'
