import { dumpStore } from '@holdfast/store/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { exchange } from './http-exchange.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

/** One server that only refuses, so that nothing else changes its store, and one that answers. */
let quiet: RunningApp
let busy: RunningApp

beforeAll(async () => {
  quiet = await startApp({ isProduction: true })
  busy = await startApp({ isProduction: true })
  return async () => {
    await quiet[Symbol.asyncDispose]()
    await busy[Symbol.asyncDispose]()
  }
})

const ours = 'https://login.example.com'
const refused: [site: string | undefined, origin: string | undefined][] = [
  ['cross-site', undefined],
  ['cross-site', ours],
  ['cross-site', 'https://evil.example'],
  ['same-site', undefined],
  ['same-site', 'https://shop.example.com'],
  ['Same-Origin', undefined],
  ['same-origin, cross-site', undefined],
  ['nonsense', ours],
  [undefined, 'https://evil.example'],
  [undefined, 'null'],
  [undefined, 'https://login.example.com.evil.example'],
  [undefined, 'https://login.example.com:8443'],
  [undefined, 'https://shop.example.com'],
  [undefined, 'http://login.example.com'],
  [undefined, `${ours}/`],
  [undefined, `${ours} https://evil.example`],
]
const accepted: [site: string | undefined, origin: string | undefined][] = [
  ['same-origin', ours],
  ['same-origin', undefined],
  ['none', undefined],
  [undefined, ours],
  [undefined, undefined],
]
/** What a browser that knows neither header says of where it comes from. */
const referers: [referer: string, isAccepted: boolean][] = [
  [`${ours}/`, true],
  [`${ours}/sign-in?return_to=%2F`, true],
  ['https://evil.example/', false],
  ['https://login.example.com.evil.example/', false],
  [`https://evil.example/?${ours}/`, false],
  ['https://login.example.com@evil.example/', false],
  ['http://login.example.com/', false],
  ['https://login.example.com:8443/', false],
  ['about:blank', false],
  ['data:text/html,x', false],
  ['null', false],
  ['/sign-in', false],
]
const unsafe: [method: string, path: string, body: string][] = [
  ['POST', '/auth/otp/send', '{"email":"ada@example.com"}'],
  ['POST', '/auth/otp/resend', '{}'],
  ['POST', '/auth/otp/verify', '{"code":"000000"}'],
  ['DELETE', '/auth/otp', '{}'],
  ['POST', '/auth/logout', '{"everywhere":true}'],
]

function headersOf(site: string | undefined, origin: string | undefined): Record<string, string> {
  return {
    Host: 'login.example.com',
    ...(site === undefined ? {} : { 'Sec-Fetch-Site': site }),
    ...(origin === undefined ? {} : { Origin: origin }),
  }
}

describe.each(unsafe)('A15: %s %s', (method, path, body) => {
  const call = (app: RunningApp, site: string | undefined, origin: string | undefined) =>
    exchange({
      port: app.port,
      method,
      path,
      headers: { ...headersOf(site, origin), 'Content-Type': 'application/json' },
      body,
    })

  test.each(refused)(
    'with Sec-Fetch-Site %s and Origin %s is refused and begins nothing',
    async (site, origin) => {
      const before = dumpStore(quiet.storePath)

      const answer = await call(quiet, site, origin)

      expectProblem(answer, 403, 'cross_site_request')
      expectNotCached(answer)
      expect(dumpStore(quiet.storePath)).toEqual(before)
    },
  )

  test.each(accepted)('with Sec-Fetch-Site %s and Origin %s is answered', async (site, origin) => {
    expect((await call(busy, site, origin)).body.code).not.toBe('cross_site_request')
  })
})

describe.each([
  ['/sign-in', 'application/x-www-form-urlencoded', 'step=send&email=ada%40example.com'],
  ['/auth/otp/send', 'application/json', '{"email":"ada@example.com"}'],
])('to %s, of a client that sends neither Sec-Fetch-Site nor Origin,', (path, type, body) => {
  const post = (app: RunningApp, headers: Record<string, string>) =>
    exchange({
      port: app.port,
      method: 'POST',
      path,
      headers: { Host: 'login.example.com', 'Content-Type': type, ...headers },
      body,
    })

  test.each(referers)('the Referer %s is taken: %s', async (referer, isAccepted) => {
    if (isAccepted) {
      expect([202, 303]).toContain((await post(busy, { Referer: referer })).status)
      return
    }
    const before = dumpStore(quiet.storePath)

    const answer = await post(quiet, { Referer: referer })

    expectProblem(answer, 403, 'cross_site_request')
    expect(answer.setCookies).toEqual([])
    expect(dumpStore(quiet.storePath)).toEqual(before)
  })

  test('a call without a Referer is taken for one of no browser', async () => {
    expect([202, 303]).toContain((await post(busy, {})).status)
  })
})

test.each(refused)(
  'reading with Sec-Fetch-Site %s and Origin %s is answered without CORS',
  async (site, origin) => {
    const answer = await exchange({
      port: quiet.port,
      method: 'GET',
      path: '/auth/session',
      headers: headersOf(site, origin),
    })

    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  },
)

test('in development a page on another loopback port may call through its proxy', async () => {
  await using development = await startApp()
  const answer = await exchange({
    port: development.port,
    method: 'POST',
    path: '/auth/otp/send',
    headers: { Host: 'localhost:5173', Origin: 'http://localhost:5173', 'Content-Type': 'application/json' },
    body: '{"email":"ada@example.com"}',
  })

  expect(answer.status).toBe(202)
})
