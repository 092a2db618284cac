import { dumpStore } from '@holdfast/store/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { exchange } from './http-exchange.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { exchangeRaw } from './raw-socket.ts'
import { type RunningApp, startApp } from './running-app.ts'

let production: RunningApp
let development: RunningApp

beforeAll(async () => {
  production = await startApp({ isProduction: true })
  development = await startApp()
  return async () => {
    await production[Symbol.asyncDispose]()
    await development[Symbol.asyncDispose]()
  }
})

const send = (app: RunningApp, headers: Record<string, string | string[]>, email = 'ada@example.com') =>
  exchange({
    port: app.port,
    method: 'POST',
    path: '/auth/otp/send',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ email }),
  })

const foreign = [
  'evil.example',
  'login.example.com.evil.example',
  'evil.example#login.example.com',
  'login.example.com@evil.example',
  'evil:fake@login.example.com',
  'login.example.com:80',
  'login.example.com:443',
  'login.example.com, evil.example',
  'login.example.com.',
  ' ',
  'localhost',
  '127.0.0.1',
  '[::1]',
  'xn--lgin-example',
]

describe('in production the host', () => {
  test.each(foreign)('"%s" is answered with 421, and nothing is begun', async (host) => {
    const before = dumpStore(production.storePath)

    const answer = await send(production, { Host: host })

    expectProblem(answer, 421, 'misdirected_request')
    expect(dumpStore(production.storePath)).toEqual(before)
  })

  test.each(['/', '/auth/session', '/assets/app-1a2b3c.js', '/dev/mail'])(
    'is checked for %s',
    async (path) => {
      const answer = await exchange({
        port: production.port,
        method: 'GET',
        path,
        headers: { Host: 'evil.example' },
      })

      expectProblem(answer, 421, 'misdirected_request')
    },
  )

  test('that is not ours is not cached under /auth either', async () => {
    expectNotCached(await send(production, { Host: 'evil.example' }))
  })

  test.each(['login.example.com', 'LOGIN.example.COM'])('%s is ours', async (host) => {
    expect((await send(production, { Host: host })).status).toBe(202)
  })

  test('in an absolute request line does not stand in for the Host header', async () => {
    const { statuses } = await exchangeRaw(
      production.port,
      'GET http://login.example.com/auth/session HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    )

    expect(statuses).toEqual([421])
  })
})

describe('in development', () => {
  test.each(['localhost', 'localhost:5173', '127.0.0.1:3000', '127.8.9.1', '[::1]:80'])(
    'the loopback host %s is answered',
    async (host) => {
      expect((await send(development, { Host: host })).status).toBe(202)
    },
  )

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil-localhost',
    '10.0.0.1',
  ])('the host %s is answered with 421', async (host) => {
    expectProblem(await send(development, { Host: host }), 421, 'misdirected_request')
  })
})

const poison: [name: string, headers: Record<string, string>][] = [
  ['X-Forwarded-Host', { 'X-Forwarded-Host': 'evil.example' }],
  ['X-Forwarded-Proto', { 'X-Forwarded-Proto': 'javascript' }],
  ['Forwarded', { Forwarded: 'host=evil.example;proto=http' }],
  ['X-Forwarded-Prefix', { 'X-Forwarded-Prefix': '/evil' }],
  ['X-Original-URL', { 'X-Original-URL': '/auth/session', 'X-Rewrite-URL': '/auth/session' }],
  ['Referer', { Referer: 'https://evil.example/', 'Sec-Fetch-Site': 'same-origin' }],
  ['User-Agent and language', { 'User-Agent': '<b>evil</b>', 'Accept-Language': 'evil' }],
]

test.each(poison)(
  'R19, R20, A25: a poisoned %s leaves the bytes of the mail as they are',
  async (_name, headers) => {
    const email = 'mail@example.com'
    const host = { Host: 'login.example.com' }
    await send(production, host, email)
    const clean = await production.mails.next(email)
    expect((await send(production, { ...host, ...headers }, email)).status).toBe(202)
    const poisoned = await production.mails.next(email)
    await production.settled(email)

    const bytes = ({ code, messageId, ...mail }: typeof clean) =>
      JSON.stringify(mail)
        .replaceAll(code, 'CODE')
        .replaceAll([...code].join(' '), 'C O D E')
    expect(bytes(poisoned)).toBe(bytes(clean))
    expect(poisoned.messageId).toMatch(/^<[\w-]{22}\.1@login\.example\.com>$/)
    expect(JSON.stringify(poisoned)).not.toMatch(/evil|javascript/i)
  },
)

describe('two Host headers are refused, whichever is ours', () => {
  const line = 'Host: login.example.com\r\n'
  test.each([
    ['/auth/session', `${line}Host: evil.example\r\n`],
    ['/auth/session', `hOST: evil.example\r\nX-A: b\r\n${line}`],
    ['/auth/session', `${line}${line}`],
    ['/', `${line}Host: evil.example\r\n`],
    ['/healthz', 'Host: localhost\r\nHost: evil.example\r\n'],
    ['/metrics', 'Host: localhost\r\nHost: login.example.com\r\n'],
  ])('%s with %j', async (path, headers) => {
    const { text, statuses } = await exchangeRaw(production.port, `GET ${path} HTTP/1.1\r\n${headers}\r\n`)

    expect(statuses).toEqual([400])
    expect(text).toMatch(/\r\nContent-Type: application\/problem\+json/i)
    expect(text).toMatch(/\r\nConnection: close\r\n/i)
  })

  test('and nothing is begun', async () => {
    const before = dumpStore(production.storePath)
    const body = '{"email":"ada@example.com"}'
    const head = `POST /auth/otp/send HTTP/1.1\r\n${line}${line}Content-Type: application/json\r\n`
    await exchangeRaw(production.port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`)

    expect(dumpStore(production.storePath)).toEqual(before)
  })
})
