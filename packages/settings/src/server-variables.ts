import proxyAddr from 'proxy-addr'
import { z } from 'zod'
import { keyVariables } from './key-variables.ts'
import { mailVariables } from './mail-variables.ts'
import { isHttpOrigin, publicVariables } from './public-variables.ts'
import { sessionVariables } from './session-variables.ts'
import { storeVariables } from './store-variables.ts'
import { wholeNumber } from './whole-number.ts'

/*
 * One line a variable: its default, its check, its meaning. The table in the README is made from this
 * schema and a test holds the two together.
 */

const limit = () => wholeNumber(0, 1_000_000_000)

export const serverVariables = z.object({
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
  PUBLIC_ORIGIN: publicVariables.PUBLIC_ORIGIN,
  ...keyVariables,
  ...storeVariables,
  ...mailVariables,
  APP_NAME: publicVariables.APP_NAME,
  ACCENT_COLOR: z
    .string()
    .regex(/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i, 'expected a CSS hex colour, such as #0d5f57')
    .optional()
    .describe(
      'the colour of buttons and links on the page, and in the mails; what is written in it or on it can always be read',
    ),
  LOGO_FILE: z
    .string()
    .min(1, 'expected a file')
    .optional()
    .describe('an SVG or PNG of at most 128 KiB that takes the place of the mark and the name on the page'),
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
  ...sessionVariables,
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
  LIMIT_WRONG_PER_ADDRESS_PER_DAY: limit()
    .prefault('20')
    .describe(
      'wrong guesses at one address in a day, from verifications that did not succeed; then growing waits; 0 = no limit',
    ),
  TRUST_PROXY: z
    .string()
    .transform(entriesOf)
    .refine(isProxyList, 'expected addresses or CIDR ranges, comma separated')
    .prefault('')
    .describe('CIDR list of the proxies whose X-Forwarded-For is believed; default none'),
  CORS_ORIGINS: originList().describe(
    'comma separated origins whose pages may call the API from a browser; default none',
  ),
  RETURN_TO_ORIGINS: originList().describe(
    'comma separated origins that a sign-in may return to, beside its own; default none',
  ),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'expected at least 16 printable characters without spaces')
    .optional()
    .describe('with it, `/metrics` also answers from elsewhere: send it as `Authorization: Bearer`'),
  LOG_LEVEL: z
    .enum(['error', 'warn', 'info', 'http', 'debug'], 'expected error, warn, info, http or debug')
    .default('info')
    .describe('`http` adds a line for each request'),
  LOG_FORMAT: z
    .enum(['pretty', 'json'], 'expected pretty or json')
    .optional()
    .describe('default pretty on a terminal, else json'),
})

function originList() {
  const expected = 'expected origins alone, comma separated, such as https://app.example.com'
  return z
    .string()
    .transform(entriesOf)
    .refine((list) => list.every(isHttpOrigin), expected)
    .prefault('')
}

function entriesOf(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function isProxyList(list: string[]): boolean {
  try {
    proxyAddr.compile(list)
    return true
  } catch {
    return false
  }
}

export type ServerVariables = z.infer<typeof serverVariables>
