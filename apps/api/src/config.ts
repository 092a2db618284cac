import { join, resolve } from 'node:path'
import { KeyRingError, keyRingFromEnvironment } from '@holdfast/core'
import proxyAddr from 'proxy-addr'
import { z } from 'zod'

/*
 * One line a variable: its default, its check, its meaning. The table in the README is made from this
 * schema and a test holds the two together.
 */

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `expected a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `expected a whole number from ${least} to ${most}`)

const limit = () => wholeNumber(0, 1_000_000_000)
const dayInSeconds = 86_400

export const variables = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'expected development, test or production')
    .default('development')
    .describe('`production` refuses to start without a key source, `SMTP_URL` and an https `PUBLIC_ORIGIN`'),
  PORT: wholeNumber(0, 65_535)
    .prefault('3000')
    .describe('where to listen; 0 = any free port, printed in the log'),
  HOST: z
    .string()
    .optional()
    .describe('address to listen on; default 127.0.0.1 in development, 0.0.0.0 in production'),
  PUBLIC_ORIGIN: z
    .string()
    .refine(isHttpOrigin, 'expected an origin alone, such as https://login.example.com')
    .optional()
    .describe('the only origin for links, cookies and origin checks; default `http://localhost:PORT`'),
  DATA_DIR: z.string().default('./data').describe('key ring and SQLite file live here'),
  STORE_URL: z
    .string()
    .regex(/^sqlite:.+/, 'expected sqlite: and a path; this version has no other store')
    .optional()
    .describe('the store; default `sqlite:DATA_DIR/holdfast.db`'),
  SECRET_KEY: z.string().optional().describe('the signing key: at least 32 bytes as hex, base64 or raw text'),
  SECRET_KEY_FALLBACKS: z
    .string()
    .optional()
    .describe('comma separated older keys: they verify and never sign'),
  SECRET_KEY_SOURCE: z
    .string()
    .regex(/^(file:.+|env:)$/, 'expected file: and a path, or env:')
    .optional()
    .describe('where the key ring is; default `file:DATA_DIR/secret_key.txt`'),
  SMTP_URL: z
    .string()
    .refine(isSmtpUrl, 'expected smtp://user:password@host:587 or smtps://...')
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
  APP_NAME: z
    .string()
    .regex(/^[^\p{C}]{1,60}$/u, 'expected 1 to 60 printable characters')
    .default('Holdfast')
    .describe('shown in mails and on the page'),
  OTP_LENGTH: wholeNumber(6, 10).prefault('6').describe('digits of a code'),
  OTP_TTL_SECONDS: wholeNumber(1, 600)
    .prefault('600')
    .describe('how long a code is good; 600 at most (ASVS 6.5.5)'),
  OTP_MAX_ATTEMPTS: wholeNumber(1, 10)
    .prefault('5')
    .describe('guesses for one verification, over all its codes'),
  OTP_RESEND_SECONDS: wholeNumber(0, 600)
    .prefault('30')
    .describe('wait before another code can be asked for'),
  OTP_MAX_SENDS: wholeNumber(1, 20).prefault('5').describe('codes for one verification'),
  SESSION_IDLE_SECONDS: wholeNumber(1, 365 * dayInSeconds)
    .prefault(String(7 * dayInSeconds))
    .describe('a sign-in ends when it was not used for so long'),
  SESSION_ABSOLUTE_SECONDS: wholeNumber(1, 365 * dayInSeconds)
    .prefault(String(30 * dayInSeconds))
    .describe('a sign-in ends after so long in any case'),
  LIMIT_SENDS_PER_IP_PER_HOUR: limit()
    .prefault('60')
    .describe('codes asked for from one IPv4 address or IPv6 /64; 0 = no limit'),
  LIMIT_SENDS_PER_ADDRESS_PER_HOUR: limit()
    .prefault('10')
    .describe('codes mailed to one address in an hour; 0 = no limit'),
  LIMIT_SENDS_PER_ADDRESS_PER_DAY: limit()
    .prefault('20')
    .describe('codes mailed to one address in a day; 0 = no limit'),
  LIMIT_SENDS_PER_HOUR: limit().prefault('10000').describe('codes mailed in an hour in all; 0 = no limit'),
  TRUST_PROXY: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ''),
    )
    .refine(isProxyList, 'expected addresses or CIDR ranges, comma separated')
    .prefault('')
    .describe('CIDR list of the proxies whose X-Forwarded-For is believed; default none'),
  LOG_LEVEL: z
    .enum(['error', 'warn', 'info', 'http', 'debug'], 'expected error, warn, info, http or debug')
    .default('info')
    .describe('`http` adds a line for each request'),
  LOG_FORMAT: z
    .enum(['pretty', 'json'], 'expected pretty or json')
    .optional()
    .describe('default pretty on a terminal, else json'),
})

function isHttpOrigin(value: string): boolean {
  return /^https?:\/\/[^/]/.test(value) && URL.canParse(value) && new URL(value).origin === value
}

function isSmtpUrl(value: string): boolean {
  return /^smtps?:\/\/[^/]/.test(value) && URL.canParse(value) && new URL(value).hostname !== ''
}

function isProxyList(list: string[]): boolean {
  try {
    proxyAddr.compile(list)
    return true
  } catch {
    return false
  }
}

type Variables = z.infer<typeof variables>

export type KeySource =
  | { kind: 'environment'; secretKey: string; fallbacks: string | undefined }
  | { kind: 'file'; path: string }

export interface Config
  extends Omit<Variables, 'HOST' | 'PUBLIC_ORIGIN' | 'SECRET_KEY' | 'SECRET_KEY_FALLBACKS'> {
  isProduction: boolean
  HOST: string
  /** Set by the operator; without it the origin follows from the port that was bound. */
  PUBLIC_ORIGIN: string | undefined
  storePath: string
  keySource: KeySource
}

export type LoadedConfig = { ok: true; config: Config } | { ok: false; faults: string[] }

/**
 * Reads the whole configuration at once. Faults name the variable, what was expected and what to do,
 * never the value: it may be a secret.
 */
export function loadConfig(environment: Record<string, string | undefined>): LoadedConfig {
  // An empty variable is what `FOO= holdfast` and many deployment files make of "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = variables.safeParse(given)
  if (!parsed.success) {
    return {
      ok: false,
      faults: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    }
  }
  const values = parsed.data
  const faults = faultsTogether(values)
  if (faults.length > 0) return { ok: false, faults }
  const isProduction = values.NODE_ENV === 'production'
  const { SECRET_KEY, SECRET_KEY_FALLBACKS, ...rest } = values
  return {
    ok: true,
    config: {
      ...rest,
      isProduction,
      HOST: values.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
      PUBLIC_ORIGIN: values.PUBLIC_ORIGIN,
      storePath: resolve(values.STORE_URL?.slice('sqlite:'.length) ?? join(values.DATA_DIR, 'holdfast.db')),
      keySource:
        SECRET_KEY === undefined
          ? { kind: 'file', path: keyFilePath(values) }
          : { kind: 'environment', secretKey: SECRET_KEY, fallbacks: SECRET_KEY_FALLBACKS },
    },
  }
}

function keyFilePath(values: Variables): string {
  return resolve(values.SECRET_KEY_SOURCE?.slice('file:'.length) ?? join(values.DATA_DIR, 'secret_key.txt'))
}

/** What is wrong with variables that are each well-formed. */
function faultsTogether(values: Variables): string[] {
  const faults: string[] = []
  const source = values.SECRET_KEY_SOURCE
  if (source === 'env:' && values.SECRET_KEY === undefined) {
    faults.push(
      'SECRET_KEY: SECRET_KEY_SOURCE is env:, so set SECRET_KEY, such as `openssl rand -hex 32` prints',
    )
  }
  if (source?.startsWith('file:') && values.SECRET_KEY !== undefined) {
    faults.push('SECRET_KEY_SOURCE: names a file while SECRET_KEY is set too; keep exactly one source')
  }
  if (values.SECRET_KEY === undefined && values.SECRET_KEY_FALLBACKS !== undefined) {
    faults.push('SECRET_KEY_FALLBACKS: older keys need a SECRET_KEY that signs; set it too')
  }
  if (values.SECRET_KEY !== undefined) {
    try {
      keyRingFromEnvironment(values.SECRET_KEY, values.SECRET_KEY_FALLBACKS)
    } catch (error) {
      if (!(error instanceof KeyRingError)) throw error
      faults.push(error.message)
    }
  }
  if (values.SESSION_IDLE_SECONDS > values.SESSION_ABSOLUTE_SECONDS) {
    faults.push('SESSION_IDLE_SECONDS: is longer than SESSION_ABSOLUTE_SECONDS; shorten it')
  }
  if (values.NODE_ENV === 'production') faults.push(...faultsInProduction(values))
  return faults
}

function faultsInProduction(values: Variables): string[] {
  const faults: string[] = []
  if (values.SECRET_KEY === undefined && values.SECRET_KEY_SOURCE === undefined) {
    faults.push(
      'SECRET_KEY: production needs a key source that outlives this process; set SECRET_KEY (`openssl rand -hex 32`) or SECRET_KEY_SOURCE=file:/path on a durable disk',
    )
  }
  if (values.SMTP_URL === undefined) {
    faults.push('SMTP_URL: production needs a mail server, such as smtp://user:password@host:587')
  }
  if (!values.PUBLIC_ORIGIN?.startsWith('https://')) {
    faults.push(
      'PUBLIC_ORIGIN: production needs the https origin that people open, such as https://login.example.com',
    )
  }
  return faults
}
