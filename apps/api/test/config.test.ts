import { serverVariables } from '@holdfast/settings'
import { describe, expect, test } from 'vitest'
import { type Config, loadConfig } from '../src/config.ts'
import { createClientNetwork } from '../src/http/client-network.ts'

type Name = keyof typeof serverVariables.shape

const key = '1f'.repeat(16) + '0123456789abcdef'.repeat(2)
const number = (least: number, most: number) => ({
  good: [String(least), String(most), `0${least}`],
  bad: [
    String(most + 1),
    '-1',
    '1.5',
    '1e3',
    '0x10',
    ' 6',
    '6 ',
    '6s',
    'NaN',
    '٦',
    '9'.repeat(40),
    ...(least > 0 ? [String(least - 1)] : []),
  ],
})
const limit = number(0, 1_000_000_000)
const origins = {
  good: ['https://app.example.com', 'http://localhost:5173, https://a.example:8443', ',', 'https://[::1]'],
  bad: [
    '*',
    'null',
    'app.example.com',
    'https://app.example.com/',
    'https://*.example.com',
    'https://APP.example.com',
    'https://app.example.com:443',
    'https://user@app.example.com',
    'https://app.example.com https://b.example',
    'https://app.example.com, *',
    'capacitor://localhost',
    'javascript:alert(1)',
  ],
}
const cases: Record<Name, { good: string[]; bad: string[] }> = {
  MAIL_TEMPLATES_DIR: { good: ['/etc/holdfast/mails', './mails'], bad: [] },
  DKIM_DOMAIN: {
    good: [],
    bad: ['example', '-a.example.com', 'exämple.com', 'https://example.com', 'example.com.', ' '],
  },
  DKIM_SELECTOR: { good: [], bad: [' ', 'a b', '-a', '_domainkey'] },
  DKIM_KEY_FILE: { good: [], bad: [] },
  // On its own it lacks the origin.
  OTP_TOKEN_HEADER: { good: ['off'], bad: ['on', 'yes', 'ON'] },
  NODE_ENV: { good: ['development', 'test'], bad: ['prod', 'Production', 'staging', ' '] },
  PORT: number(0, 65_535),
  HOST: { good: ['127.0.0.1', '::', '0.0.0.0', 'localhost'], bad: [] },
  PUBLIC_ORIGIN: {
    good: ['http://localhost:3000', 'https://login.example.com', 'https://[::1]:8443'],
    bad: [
      'login.example.com',
      'https://login.example.com/',
      'https://login.example.com/path',
      'https://user:pass@login.example.com',
      'https://LOGIN.example.com',
      'https://login.example.com:443',
      'ftp://login.example.com',
      'javascript:alert(1)',
      '//login.example.com',
      'https://',
      'null',
    ],
  },
  DATA_DIR: { good: ['/var/lib/holdfast', './data'], bad: [] },
  STORE_URL: {
    good: ['sqlite:/tmp/a.db', 'sqlite:a.db'],
    bad: ['sqlite:', 'postgres://db/holdfast', '/tmp/a.db', 'file:a.db'],
  },
  SESSION_STORE_URL: {
    good: ['sqlite:data/holdfast.db'],
    bad: ['redis://cache:6379', 'sqlite:data/sessions.db', 'postgres://db/holdfast'],
  },
  SECRET_KEY: { good: [key], bad: [] },
  SECRET_KEY_FILE: { good: ['/run/secrets/key', 'key.txt'], bad: [] },
  SECRET_KEY_FALLBACKS: { good: [], bad: [key] },
  SECRET_KEY_FALLBACKS_FILE: { good: [], bad: ['/run/secrets/older'] },
  SECRET_KEY_SOURCE: {
    good: ['file:/run/secrets/key', 'aws-kms:', 'azure-key-vault:a.json', 'gcp-kms:', 'vault:/srv/ring.json'],
    bad: ['file:', 'env', 'env:SECRET_KEY', 'aws-kms', 'hsm:', '/run/key', 'File:/a', ' vault:'],
  },
  KEY_RELOAD_SECONDS: number(1, 3600),
  KEY_SERVICE_WAIT_SECONDS: number(1, 600),
  SMTP_URL: {
    good: ['smtp://localhost:25', 'smtps://u:p@mail.example.com', 'smtp://mail.example.com?requireTLS=false'],
    bad: [
      'mail.example.com',
      'http://mail.example.com',
      'smtp',
      'smtp:',
      '25',
      'smtp://mail.example.com?requireTLS=',
      'smtp://mail.example.com?requireTLS=0',
      'smtp://mail.example.com?requireTLS=true&requireTLS=false',
    ],
  },
  MAIL_FROM: {
    good: ['a@example.com', 'Acme <a@example.com>', 'Acme Ltd. <sign-in@mail.example.com>'],
    bad: [
      'Acme',
      'a@',
      '@example.com',
      'a@b.example, c@d.example',
      'a@example.com\r\nBcc: eve@evil.example',
      '<a@example.com> <b@example.com>',
      'a b@example.com c',
    ],
  },
  APP_NAME: {
    good: ['Acme', 'Ünïcode & <b>', 'x'.repeat(60)],
    bad: ['x'.repeat(61), 'a\nb', 'a\u202eb', 'a\0b', '\u200b'],
  },
  ACCENT_COLOR: {
    good: ['#0d5f57', '#FC0', '#fff'],
    bad: ['0d5f57', '#0d5f5', '#0d5f5780', 'red', 'rgb(0,0,0)', '#fff;}', '#fff\n'],
  },
  LOGO_FILE: { good: ['/etc/holdfast/logo.svg'], bad: [] },
  OTP_LENGTH: number(6, 10),
  OTP_TTL_SECONDS: number(1, 600),
  OTP_MAX_ATTEMPTS: number(1, 10),
  OTP_RESEND_SECONDS: number(0, 600),
  OTP_MAX_SENDS: number(1, 20),
  SESSION_IDLE_SECONDS: { ...number(1, 31_536_000), good: ['1', '604800', '2592000'] },
  SESSION_ABSOLUTE_SECONDS: { ...number(1, 31_536_000), good: ['604800', '31536000'] },
  LIMIT_SENDS_PER_IP_PER_HOUR: limit,
  LIMIT_SENDS_PER_ADDRESS_PER_HOUR: limit,
  LIMIT_SENDS_PER_ADDRESS_PER_DAY: limit,
  LIMIT_SENDS_PER_HOUR: limit,
  LIMIT_WRONG_PER_ADDRESS_PER_DAY: limit,
  TRUST_PROXY: {
    good: ['127.0.0.1', '10.0.0.0/8, 192.168.0.0/16', '::1', 'fd00::/8', ',', '::ffff:10.0.0.0/104'],
    bad: [
      'true',
      '1.2.3.4/33',
      '10.0.0.0/',
      'proxy.example.com',
      '127.0.0.1;10.0.0.1',
      '10.0.0.0/8 10.1.0.0/16',
      '::/129',
      '*',
    ],
  },
  CORS_ORIGINS: origins,
  RETURN_TO_ORIGINS: origins,
  METRICS_TOKEN: {
    good: ['x'.repeat(16), '!~'.repeat(100)],
    bad: ['x'.repeat(15), 'with a space in the middle', `${'x'.repeat(16)}\n`, 'ü'.repeat(16)],
  },
  LOG_LEVEL: { good: ['error', 'warn', 'info', 'http', 'debug'], bad: ['silly', 'INFO', 'none', '1'] },
  LOG_FORMAT: { good: ['pretty', 'json'], bad: ['text', 'JSON'] },
}

const goodRows = Object.entries(cases).flatMap(([name, { good }]) =>
  good.map((value) => [name, value] as const),
)
const badRows = Object.entries(cases).flatMap(([name, { bad }]) => bad.map((value) => [name, value] as const))

function load(environment: Record<string, string>): Config {
  const loaded = loadConfig(environment)
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  return loaded.config
}

function faultsOf(environment: Record<string, string>): string[] {
  const loaded = loadConfig(environment)
  return loaded.ok ? [] : loaded.faults
}

test('every variable of the schema has its cases here', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(serverVariables.shape).sort())
})

test.each(goodRows)('%s takes "%s"', (name, value) => {
  expect(faultsOf({ [name]: value })).toEqual([])
})

test.each(badRows)('%s refuses "%s" with one fault, by its name', (name, value) => {
  expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .{10,}`))])
})

test('an empty variable is one that is not set', () => {
  const empty = Object.fromEntries(Object.keys(serverVariables.shape).map((name) => [name, '']))

  expect(loadConfig(empty)).toEqual(loadConfig({}))
})

test('all faults are told at once, each by its name, those of single variables and of several together', () => {
  const faults = faultsOf(Object.fromEntries(badRows))
  const named = new Set(faults.map((fault) => fault.split(':')[0]))

  const expected = Object.entries(cases).filter(([, { bad }]) => bad.length > 0)
  expect([...named].sort()).toEqual(expected.map(([name]) => name).sort())
  expect(faults).toHaveLength(named.size)
})

describe('the defaults', () => {
  test('of a development server', () => {
    expect(load({ DATA_DIR: '/srv' })).toMatchObject({
      isProduction: false,
      PORT: 3000,
      HOST: '127.0.0.1',
      PUBLIC_ORIGIN: undefined,
      storePath: '/srv/holdfast.db',
      keySource: { kind: 'path', path: '/srv/secret_key.txt' },
      TRUST_PROXY: [],
    })
  })

  test('of a production server listen on every address', () => {
    const production = {
      NODE_ENV: 'production',
      SECRET_KEY: key,
      SMTP_URL: 'smtp://m',
      PUBLIC_ORIGIN: 'https://a.example',
    }

    expect(load(production)).toMatchObject({ isProduction: true, HOST: '0.0.0.0' })
    expect(load({ ...production, HOST: '::1' }).HOST).toBe('::1')
  })
})

describe('in production', () => {
  const good = {
    NODE_ENV: 'production',
    SECRET_KEY: key,
    SMTP_URL: 'smtps://u:p@mail.example.com',
    PUBLIC_ORIGIN: 'https://login.example.com',
  }

  test('a key source, a mail server and an https origin are enough', () => {
    expect(faultsOf(good)).toEqual([])
    const { SECRET_KEY: _without, ...rest } = good
    for (const source of [
      { SECRET_KEY_SOURCE: 'file:/srv/key' },
      { SECRET_KEY_SOURCE: 'aws-kms:' },
      { SECRET_KEY_FILE: '/run/secrets/key' },
    ]) {
      expect(faultsOf({ ...rest, ...source })).toEqual([])
    }
  })

  test.each(['SECRET_KEY', 'SMTP_URL', 'PUBLIC_ORIGIN'])(
    'a missing %s is a fault, an empty one too',
    (name) => {
      for (const missing of [{ [name]: '' }, { [name]: undefined }]) {
        const loaded = loadConfig({ ...good, ...missing })
        expect(loaded.ok ? [] : loaded.faults).toEqual([expect.stringMatching(`^${name}: production needs`)])
      }
    },
  )

  test('a plain http origin is a fault', () => {
    expect(faultsOf({ ...good, PUBLIC_ORIGIN: 'http://login.example.com' })).toEqual([
      expect.stringMatching(/^PUBLIC_ORIGIN: /),
    ])
  })

  test('nothing at all is three faults at once', () => {
    expect(faultsOf({ NODE_ENV: 'production' }).map((fault) => fault.split(':')[0])).toEqual([
      'SECRET_KEY',
      'SMTP_URL',
      'PUBLIC_ORIGIN',
    ])
  })
})

describe('key sources that are ambiguous are refused', () => {
  test.each([
    ['a file and a key', { SECRET_KEY: key, SECRET_KEY_SOURCE: 'file:/srv/key' }, 'SECRET_KEY_SOURCE'],
    ['env: without a key', { SECRET_KEY_SOURCE: 'env:' }, 'SECRET_KEY'],
    ['older keys without a key', { SECRET_KEY_FALLBACKS: key }, 'SECRET_KEY_FALLBACKS'],
    ['a key and a file of one', { SECRET_KEY: key, SECRET_KEY_FILE: '/run/key' }, 'SECRET_KEY_FILE'],
  ])('%s', (_name, environment, name) => {
    expect(faultsOf(environment).map((fault) => fault.split(':')[0])).toEqual([name])
  })

  test('env: with a key is one source', () => {
    expect(load({ SECRET_KEY: key, SECRET_KEY_SOURCE: 'env:' }).keySource).toEqual({
      kind: 'texts',
      signer: { name: 'SECRET_KEY', text: key },
    })
  })
})

test('a fault of the key source is told together with the others', () => {
  const faults = faultsOf({
    SECRET_KEY: 'short',
    SESSION_IDLE_SECONDS: '101',
    SESSION_ABSOLUTE_SECONDS: '100',
    NODE_ENV: 'production',
    PUBLIC_ORIGIN: 'https://login.example.com',
  })

  expect(faults.map((fault) => fault.split(':')[0])).toEqual([
    'SESSION_IDLE_SECONDS',
    'SECRET_KEY',
    'SMTP_URL',
  ])
})

test('an idle time longer than the absolute time is a fault', () => {
  expect(faultsOf({ SESSION_IDLE_SECONDS: '101', SESSION_ABSOLUTE_SECONDS: '100' })).toHaveLength(1)
  expect(faultsOf({ SESSION_IDLE_SECONDS: '100', SESSION_ABSOLUTE_SECONDS: '100' })).toEqual([])
})

test.each([
  { DKIM_DOMAIN: 'example.com', DKIM_SELECTOR: 's1', DKIM_KEY_FILE: '/etc/dkim.pem' },
  { DKIM_DOMAIN: 'a-b.example.co.uk', DKIM_SELECTOR: 'holdfast-2026.mail', DKIM_KEY_FILE: 'dkim.pem' },
])('the three variables of DKIM are taken together', (environment) => {
  expect(loadConfig(environment)).toMatchObject({ ok: true, config: environment })
})

test('one variable of DKIM alone is refused, by the names of the others', () => {
  const loaded = loadConfig({ DKIM_SELECTOR: 's1' })
  const faults = loaded.ok ? [] : loaded.faults
  expect(faults.map((fault) => fault.split(':')[0])).toEqual(['DKIM_DOMAIN', 'DKIM_KEY_FILE'])
})

test.each([...cases.TRUST_PROXY.good, '0.0.0.0/0', '::/0', '10.1.2.3/8', '1', '0x7f.1', 'fe80::1%eth0'])(
  'a TRUST_PROXY that the configuration takes (%s) does not stop the server afterwards',
  (value) => {
    const loaded = loadConfig({ TRUST_PROXY: value })
    const build = () => loaded.ok && createClientNetwork(loaded.config.TRUST_PROXY)

    expect(build).not.toThrow()
  },
)
