import { z } from 'zod'
import type { publicVariables } from './public-variables.ts'

/** The variables of mails: of the server and of the command line tool alike. */
export const mailVariables = {
  SMTP_URL: z
    .string()
    .refine(isSmtpUrl, 'expected smtp://user:password@host:587 or smtps://...')
    .refine(isPlainAboutTls, 'expected requireTLS=true or requireTLS=false in it, or nothing of that')
    .optional()
    .describe('the mail server; without it, in development, mails go to the log and the developer mailbox'),
  MAIL_FROM: z
    .string()
    .regex(
      /^[^\p{C}<>,;]*(<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u,
      'expected one address, such as sign-in@example.com or Acme <sign-in@example.com>',
    )
    .optional()
    .describe('the sender; default `holdfast@` and the host of `PUBLIC_ORIGIN`'),
  MAIL_TEMPLATES_DIR: z
    .string()
    .min(1, 'expected a folder')
    .optional()
    .describe('a folder with your own templates for the mails'),
  DKIM_DOMAIN: z
    .string()
    .regex(
      /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/,
      'expected a domain, such as example.com',
    )
    .optional()
    .describe('with the next two, mails are signed (DKIM): the domain that signs'),
  DKIM_SELECTOR: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/, 'expected a selector, such as holdfast1')
    .optional()
    .describe('the name under which its public key is in the DNS: `SELECTOR._domainkey.DOMAIN`'),
  DKIM_KEY_FILE: z
    .string()
    .min(1, 'expected a file')
    .optional()
    .describe('a file with its private key: RSA, in PEM'),
  OTP_TOKEN_HEADER: z
    .enum(['off', 'on'], 'expected off or on')
    .default('off')
    .describe(
      '`on` (experimental) puts the code and its origin into a header, `OTP-Token`, for mail programs that fill it in only there',
    ),
}

const schema = z.object(mailVariables)

export type MailVariables = z.infer<typeof schema>

/** The sender of a mail, as it stands in its header. */
export function senderOf(values: {
  MAIL_FROM?: string | undefined
  APP_NAME: z.infer<typeof publicVariables.APP_NAME>
  PUBLIC_ORIGIN?: z.infer<typeof publicVariables.PUBLIC_ORIGIN>
}): string {
  const { hostname } = new URL(values.PUBLIC_ORIGIN ?? 'http://localhost')
  const name = values.APP_NAME.replace(/[<>,;"]/g, '')
  return values.MAIL_FROM ?? `${name} <holdfast@${hostname}>`
}

const dkim = ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_KEY_FILE'] as const

/** The variables of DKIM count together: one alone is a fault of the others. */
export function faultsOfDkim(values: Pick<MailVariables, (typeof dkim)[number]>): string[] {
  const missing = dkim.filter((name) => values[name] === undefined)
  if (missing.length === 0 || missing.length === dkim.length) return []
  return missing.map((name) => `${name}: is needed to sign mails, as are ${dkim.join(', ')}; set it`)
}

/** A production server has nobody to read a developer mailbox. What `known` faults tell of SMTP_URL is not told twice. */
export function mailFaultsInProduction(
  { SMTP_URL }: Pick<MailVariables, 'SMTP_URL'>,
  known: readonly string[],
): string[] {
  const isTold = known.some((fault) => fault.startsWith('SMTP_URL'))
  if (SMTP_URL !== undefined || isTold) return []
  return ['SMTP_URL: production needs a mail server, such as smtp://user:password@host:587']
}

function isSmtpUrl(value: string): boolean {
  return /^smtps?:\/\/[^/]/.test(value) && URL.canParse(value) && new URL(value).hostname !== ''
}

/** nodemailer takes `requireTLS=` and `requireTLS=0` for a no: a login would leave in clear where somebody mistyped. */
function isPlainAboutTls(value: string): boolean {
  if (!URL.canParse(value)) return true
  const said = new URL(value).searchParams.getAll('requireTLS')
  return said.length <= 1 && said.every((each) => each === 'true' || each === 'false')
}
