import { dumpStore } from '@holdfast/store/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { exchangeRaw } from './raw-socket.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

const host = 'Host: localhost\r\n'
const json = 'Content-Type: application/json\r\n'
const body = '{"email":"ada@example.com"}'
const post = `POST /auth/otp/send HTTP/1.1\r\n${host}${json}`
const chunked = `1b\r\n${body}\r\n0\r\n\r\n`
const smuggled = `POST /auth/otp/send HTTP/1.1\r\n${host}${json}Content-Length: 27\r\n\r\n${body}`

const malformed: [name: string, bytes: string][] = [
  ['bytes that are no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ['a version that does not exist', `GET /auth/session HTTP/9.9\r\n${host}\r\n`],
  ['an unknown method', `BREW /auth/session HTTP/1.1\r\n${host}\r\n`],
  ['a method in lower case', `get /auth/session HTTP/1.1\r\n${host}\r\n`],
  ['a NUL in a header', `GET /auth/session HTTP/1.1\r\n${host}X-A: a\0b\r\n\r\n`],
  ['a space in a header name', `GET /auth/session HTTP/1.1\r\n${host}X A: b\r\n\r\n`],
  ['a space before the colon', `${post}Content-Length : 27\r\n\r\n${body}`],
  ['a header without a colon', `GET /auth/session HTTP/1.1\r\n${host}nonsense\r\n\r\n`],
  ['a folded header', `GET /auth/session HTTP/1.1\r\n${host}X-A: b\r\n c\r\n\r\n`],
  ['a bare line feed', `GET /auth/session HTTP/1.1\n${host.replace('\r', '')}\n`],
  ['a bare carriage return', `GET /auth/session HTTP/1.1\r${host}\r\n`],
  [
    'a length and chunks',
    `${post}Content-Length: 27\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}${smuggled}`,
  ],
  [
    'chunks and a length',
    `${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n${chunked}${smuggled}`,
  ],
  ['two different lengths', `${post}Content-Length: 27\r\nContent-Length: 5\r\n\r\n${body}${smuggled}`],
  ['two equal lengths', `${post}Content-Length: 27\r\nContent-Length: 27\r\n\r\n${body}${smuggled}`],
  ['two lengths in one header', `${post}Content-Length: 27, 27\r\n\r\n${body}${smuggled}`],
  ['a negative length', `${post}Content-Length: -1\r\n\r\n${body}`],
  ['a length with a sign', `${post}Content-Length: +27\r\n\r\n${body}`],
  ['a length in hex', `${post}Content-Length: 0x1b\r\n\r\n${body}`],
  ['a length beyond 64 bits', `${post}Content-Length: 99999999999999999999\r\n\r\n${body}`],
  ['chunks that are not last', `${post}Transfer-Encoding: chunked, identity\r\n\r\n${chunked}`],
  ['chunks twice', `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n${chunked}`],
  ['an unknown transfer encoding', `${post}Transfer-Encoding: xchunked\r\n\r\n${chunked}`],
  ['a chunk size that is no number', `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n${body}\r\n0\r\n\r\n`],
  ['a chunk longer than it says', `${post}Transfer-Encoding: chunked\r\n\r\n5\r\n${body}\r\n0\r\n\r\n`],
]

describe('malformed HTTP is refused, the connection closed and nothing begun', () => {
  test.each(malformed)('%s', async (_name, bytes) => {
    const before = dumpStore(app.storePath)

    const { text, statuses } = await exchangeRaw(app.port, Buffer.from(bytes, 'latin1'))

    expect(statuses).toEqual([400])
    expect(text).toMatch(/\r\nContent-Type: application\/problem\+json/i)
    expect(text).toMatch(/\r\nConnection: close\r\n/i)
    expect(text).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/i)
    expect(problemIn(text)).toMatchObject({ status: 400, code: 'bad_request', requestId: expect.any(String) })
    expect(dumpStore(app.storePath)).toEqual(before)
  })
})

test.each([
  ['one header of 20,000 bytes', `X-A: ${'a'.repeat(20_000)}\r\n`],
  ['2,000 headers', 'X-A: b\r\n'.repeat(2_000)],
  ['a cookie of 20,000 bytes', `Cookie: holdfast=${'a'.repeat(20_000)}\r\n`],
])('%s are refused with 431 and the connection closed', async (_name, headers) => {
  const { text, statuses } = await exchangeRaw(
    app.port,
    `GET /auth/session HTTP/1.1\r\n${host}${headers}\r\n`,
  )

  expect(statuses).toEqual([431])
  expect(problemIn(text)).toMatchObject({
    status: 431,
    code: 'headers_too_large',
    title: 'The headers are too large',
  })
})

test('a path of 20,000 bytes is refused with 431 and the connection closed', async () => {
  const { statuses } = await exchangeRaw(app.port, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`)

  expect(statuses).toEqual([431])
})

test('a request whose headers never end is answered with 408 and the connection closed', async () => {
  const { headersTimeout } = app.server
  app.server.headersTimeout = 100
  const { text, statuses } = await exchangeRaw(app.port, `GET /auth/session HTTP/1.1\r\n${host}X-A: `)
  app.server.headersTimeout = headersTimeout

  expect(statuses).toEqual([408])
  expect(problemIn(text)).toMatchObject({ status: 408, code: 'request_timeout' })
})

test('a request without a Host is refused with a problem', async () => {
  const { text, statuses } = await exchangeRaw(
    app.port,
    'GET /auth/session HTTP/1.1\r\nConnection: close\r\n\r\n',
  )

  expect([400, 421]).toContain(statuses[0])
  expect(text).toMatch(/\r\nContent-Type: application\/problem\+json/i)
})

test('an expectation that the server does not know is refused with a problem', async () => {
  const { text, statuses } = await exchangeRaw(
    app.port,
    `GET /auth/session HTTP/1.1\r\n${host}Expect: the-unexpected\r\nConnection: close\r\n\r\n`,
  )

  expect(statuses).toEqual([417])
  expect(problemIn(text)).toMatchObject({ status: 417, code: 'expectation_failed' })
  expect(text).toMatch(/\r\nContent-Type: application\/problem\+json/i)
})

test('an upgrade to another protocol is not taken', async () => {
  const { statuses } = await exchangeRaw(
    app.port,
    `GET /auth/session HTTP/1.1\r\n${host}Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`,
  )

  expect(statuses).toEqual([200])
})

function problemIn(text: string): Record<string, unknown> {
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n')))
}
