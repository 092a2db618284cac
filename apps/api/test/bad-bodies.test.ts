import type { OutgoingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { exchange } from './http-exchange.ts'
import { exchangeRaw } from './raw-socket.ts'
import { expectRefused } from './refused-call.ts'
import { type RunningApp, startApp } from './running-app.ts'

const calls: [method: string, path: string, body: string][] = [
  ['POST', '/auth/otp/send', '{"email":"ada@example.com"}'],
  ['POST', '/auth/otp/verify', '{"code":"000000"}'],
  ['POST', '/auth/otp/resend', '{}'],
  ['DELETE', '/auth/otp', '{}'],
  ['POST', '/auth/logout', '{"everywhere":true}'],
]
const notAnObject: [name: string, body: string | Buffer][] = [
  ['broken JSON', '{"email":'],
  ['a trailing comma', '{"email":"ada@example.com",}'],
  ['a comment', '{/**/}'],
  ['single quotes', "{'email':'ada@example.com'}"],
  ['two objects', '{}{}'],
  ['an array', '[{"email":"ada@example.com"}]'],
  ['a text', '"ada@example.com"'],
  ['a number', '1'],
  ['null', 'null'],
  ['true', 'true'],
  ['white space', ' \n '],
  ['NaN', 'NaN'],
  ['a byte order mark before the object', Buffer.from('\ufeff{"email":"ada@example.com"}')],
  ['a UTF-16 object', Buffer.from('{"email":"ada@example.com"}', 'utf16le')],
  ['bytes that are not UTF-8', Buffer.from('7b22656d61696c223a22ff40612e636f227d', 'hex')],
  ['an overlong UTF-8 quote', Buffer.from('7bc0a2c0a27d', 'hex')],
  ['a surrogate in UTF-8', Buffer.from('7b22656d61696c223a22eda0804061227d', 'hex')],
  ['4,000 brackets', '['.repeat(4000)],
  ['4,000 braces', '{"a":'.repeat(800)],
  ['an unknown escape', '{"\\x65mail":"ada@example.com"}'],
  ['a key that is there twice', '{"email":"ada@example.com","email":"eve@example.com"}'],
  ['a key that is there twice, once escaped', '{"code":"000000","\\u0063ode":"000001"}'],
  ['a key that is there twice, deeper down', '{"email":{"a":1,"a":2}}'],
]
const notJson: [name: string, headers: OutgoingHttpHeaders][] = [
  ['text/plain', { 'Content-Type': 'text/plain' }],
  ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }],
  ['a multipart form', { 'Content-Type': 'multipart/form-data; boundary=x' }],
  ['no content type', { 'Content-Type': [] }],
  ['an empty content type', { 'Content-Type': '' }],
  ['a content type that only looks like JSON', { 'Content-Type': 'text/plain; application/json' }],
  ['JSON of another kind', { 'Content-Type': 'application/jsonp' }],
  ['an unknown content encoding', { 'Content-Encoding': 'x-unknown' }],
]

let app: RunningApp
let browser: Browser

beforeAll(async () => {
  app = await startApp()
  browser = app.newBrowser()
  await app.beginVerification(browser, 'known@example.com')
  return () => app[Symbol.asyncDispose]()
})

afterAll(() => {
  expect(app.log.events('error')).toEqual([])
})

describe.each(calls)('%s %s', (method, path, good) => {
  const call = (body: string | Buffer, headers: OutgoingHttpHeaders = {}) => ({
    method,
    path,
    body,
    headers,
    cookie: browser.cookie,
  })

  test.each(notAnObject)('refuses a body that is %s', async (_name, body) => {
    await expectRefused(app, call(body))
  })

  test.each(notJson)('A15: refuses a body sent as %s', async (_name, headers) => {
    await expectRefused(app, call(good, headers), 415, 'unsupported_media_type')
  })

  test('refuses a compressed body without looking into it', async () => {
    const body = gzipSync(good.padEnd(4_000_000))
    await expectRefused(app, call(body, { 'Content-Encoding': 'gzip' }), 415, 'unsupported_media_type')
  })

  test('refuses a body of 4,097 bytes', async () => {
    await expectRefused(app, call(good.padEnd(4097)), 413, 'payload_too_large')
  })

  test('refuses 1 MB that comes in chunks of unknown length', async () => {
    const body = good.padEnd(1_000_000)
    const headers = { 'Transfer-Encoding': 'chunked', Connection: 'close' }
    await expectRefused(app, call(body, headers), 413, 'payload_too_large')
  })
})

test('send takes a body of exactly 4,096 bytes', async () => {
  const answer = await exchange({
    port: app.port,
    method: 'POST',
    path: '/auth/otp/send',
    headers: { Host: app.host, 'Content-Type': 'application/json; charset=utf-8' },
    body: '{"email":"ada@example.com"}'.padEnd(4096),
  })

  expect(answer.status).toBe(202)
})

test('a body that was too large does not leave its connection hanging', async () => {
  const tooLarge = 'x'.repeat(0x10000)
  const head = `Host: ${app.host}\r\nContent-Type: application/json\r\n`
  const chunk = `${tooLarge.length.toString(16)}\r\n${tooLarge}\r\n`
  const first = `POST /auth/otp/send HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(16)}0\r\n\r\n`
  const second = `GET /auth/session HTTP/1.1\r\n${head}Connection: close\r\n\r\n`

  // Either is sound: the rest is read and the next request answered, or the connection is closed.
  const { statuses } = await exchangeRaw(app.port, first + second)

  expect(statuses[0]).toBe(413)
})
