import { expect, test } from 'vitest'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { whenItHangs } from './hanging.ts'
import { exchangeRaw } from './raw-socket.ts'
import { recordLog } from './recorded-log.ts'
import { wrongCode } from './recorded-mails.ts'
import { firstSecret, type RunningApp, startApp } from './running-app.ts'
import { at, startSmtpPeer } from './smtp-peer.ts'

/** What forges a line, colours a terminal or turns the reading direction: C0, C1, bidi and line separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
const hostileCharacter = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/

/** Raw bytes: percent-encoded ones are harmless already. C1 CSI is 0x9b alone, or U+009B in UTF-8. */
const hostileRequests = [
  'GET /%0d%0aforged%1b[31m HTTP/1.1\r\nHost: HOST\r\n',
  'GET /a\x9b31m\x85forged HTTP/1.1\r\nHost: HOST\r\n',
  'GET /auth/\xe2\x80\xaeforged HTTP/1.1\r\nHost: HOST\r\n',
  'POST /auth/\xc2\x9b2J HTTP/1.1\r\nHost: HOST\r\n',
  'GET /"},{"level":"info HTTP/1.1\r\nHost: HOST\r\n',
  'GET /auth/session HTTP/1.1\r\nHost: HOST\r\nCookie: holdfast=\x1b[31m\x9b\x85\r\n',
  'GET /auth/session HTTP/1.1\r\nHost: HOST\r\nUser-Agent: \x9b31m\xe2\x80\xae\r\nX-Forwarded-For: \x9b\r\n',
  'GET /auth/session HTTP/1.1\r\nHost: evil\x9b.example\r\n',
]

async function everythingOnce(app: RunningApp, email: string) {
  for (const request of hostileRequests) {
    const bytes = `${request.replace('HOST', app.host)}Connection: close\r\n\r\n`
    await exchangeRaw(app.port, Buffer.from(bytes, 'latin1'))
  }
  const browser = app.newBrowser()
  for (const hostile of [
    'a\r\nforged@example.com',
    '\x1b[31m@example.com',
    '\u202e@example.com',
    '\u009b@x.example',
  ]) {
    await browser.send(hostile)
    await browser.verify(hostile)
  }
  const { code } = await app.beginVerification(browser, email)
  const tokens = [browser.cookie]
  await browser.verify(wrongCode(code))
  await browser.resend()
  await browser.verify(code)
  tokens.push(browser.cookie)
  await browser.session()
  await browser.logout()
  browser.cookie = tokens[1]
  app.closeStore()
  await browser.session()
  return { code, tokens: tokens.map((cookie) => cookie?.split('=')[1] ?? '') }
}

test.each([
  ['json', true],
  ['pretty', true],
  ['json', false],
  ['pretty', false],
] as const)(
  'a %s log has one line an event without a control or direction character (production: %s)',
  async (format, isProduction) => {
    const log = recordLog({ level: 'debug', format })
    await using app = await startApp({ isProduction, logger: log.logger })

    await everythingOnce(app, 'canary@example.com')

    expect(log.lines().length).toBeGreaterThan(15)
    expect(log.lines().filter((line) => hostileCharacter.test(line))).toEqual([])
    const isOneEvent = (line: string) =>
      format === 'json'
        ? typeof JSON.parse(line).message === 'string'
        : /^\d\d:\d\d:\d\d\.\d{3} \w+ /.test(line)
    expect(log.lines().filter((line) => !isOneEvent(line))).toEqual([])
  },
)

test('R57: a production log at level debug holds no code, token, session id, key or address', async () => {
  const log = recordLog({ level: 'debug', format: 'json' })
  await using app = await startApp({ isProduction: true, logger: log.logger })

  const { code, tokens } = await everythingOnce(app, 'canary@example.com')

  const text = log.text()
  expect(text).toContain('request refused')
  expect(text).toContain('store unavailable')
  expect(text).toContain('code sent')
  expect(text).not.toContain('canary')
  expect(tokens).toHaveLength(2)
  const ids = tokens.flatMap((token) => token.split('.').slice(2))
  expect(ids.filter((id) => id.length > 40 && text.includes(id.slice(8)))).toEqual([])
  const withoutTimesAndIds = text.replace(/"(time|requestId|to)":"[^"]*"/g, '')
  expect(withoutTimesAndIds).not.toMatch(new RegExp(`(?<!\\d)${code}(?!\\d)`))
  expect(app.config.keySource).toMatchObject({ signer: { text: firstSecret } })
  expect(text).not.toContain(firstSecret)
})

/** Logs what becomes of a mail that a real mail server refuses with this reply. */
async function logOfRefusal(reply: string, format: 'json' | 'pretty') {
  const log = recordLog({ level: 'debug', format })
  await using peer = await startSmtpPeer({ script: at('RCPT', { reply }) })
  const mail = createSmtpTransport({ url: peer.url, from: 'holdfast@login.example.com' })
  await using app = await startApp({ isProduction: true, logger: log.logger, mail })
  const isHandedOver = app.outbox.nextHandOver('canary@example.com', whenItHangs())
  await app.newBrowser().send('canary@example.com')
  await isHandedOver
  return log
}

test('R57: the reply of a mail server that names the address does not carry it into the log', async () => {
  const log = await logOfRefusal('550 5.1.1 <Canary@Example.com>: no mailbox for canary@example.com', 'json')

  expect(log.text()).toContain('550 5.1.1')
  expect(log.text()).not.toMatch(/canary@example\.com/i)
})

test.each(['json', 'pretty'] as const)(
  'A38: in a %s log the reply of a hostile mail server is one line without a control or direction character',
  async (format) => {
    const log = await logOfRefusal('550 no \u009b31m \u001b[31m \u202e \u2028 \u0085 \u0000', format)

    expect(log.text()).toContain('550 no')
    expect(log.lines().filter((line) => hostileCharacter.test(line))).toEqual([])
  },
)

test('a refusal is logged with its request id, code and reason, and never louder than info', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const answer = await browser.verify('123456')

  expect(app.log.events('info').filter(({ message }) => message === 'request refused')).toMatchObject([
    {
      requestId: answer.body.requestId,
      method: 'POST',
      path: '/auth/otp/verify',
      status: 409,
      code: 'verification_session_not_found',
      reason: 'cookie_missing',
    },
  ])
  expect(app.log.events('warn')).toEqual([])
})

test('a form that is refused is logged with the code and reason that the JSON answer would have, and its own status', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.post('/sign-in', { step: 'verify', code: '123456' })
  await browser.post('/sign-in', { step: 'send', email: 'ada@' })

  expect(app.log.events('info').filter(({ message }) => message === 'request refused')).toMatchObject([
    { path: '/sign-in', status: 303, code: 'verification_session_not_found', reason: 'cookie_missing' },
    { path: '/sign-in', status: 303, code: 'invalid_request' },
  ])
})

test('a proxy that asks for people without a session is told of at http, as each request is, and of a session that does not hold at info', async () => {
  const log = recordLog({ level: 'http', format: 'json' })
  await using app = await startApp({ logger: log.logger })
  const refused = (level: string) =>
    log.events(level).filter(({ message, path }) => message === 'request refused' && path === '/auth/check')
  await app.newBrowser().call('GET', '/auth/check')
  expect(refused('info')).toEqual([])
  expect(refused('http')).toMatchObject([{ status: 401, code: 'not_signed_in', reason: 'cookie_missing' }])

  const lost = app.newBrowser()
  await lost.signIn(app, 'grace@example.com')
  const Cookie = lost.cookie
  await lost.call('POST', '/auth/logout')
  await lost.call('GET', '/auth/check', undefined, { Cookie })
  await app.newBrowser().call('GET', '/auth/sessions')
  expect(refused('info')).toMatchObject([{ status: 401, code: 'not_signed_in', reason: 'signed_out' }])
  expect(refused('http')).toHaveLength(1)
  expect(log.events('info')).toContainEqual(expect.objectContaining({ path: '/auth/sessions', status: 401 }))
})

test('a query string is not logged', async () => {
  await using app = await startApp()
  await app.newBrowser().call('GET', '/dev/mail?to=canary@example.com')

  expect(app.log.events('http')).toMatchObject([{ path: '/dev/mail', status: 200 }])
  expect(app.log.text()).not.toContain('canary')
})
