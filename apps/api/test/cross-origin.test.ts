import { dumpStore } from '@holdfast/store/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Answer, exchange } from './http-exchange.ts'
import { expectProblem } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

const ours = 'https://login.example.com'
const listed = 'https://app.example.com'
const alsoListed = 'https://shop.example:8443'

/** One server that only refuses, so that nothing else changes its store, and one that answers. */
let quiet: RunningApp
let busy: RunningApp

beforeAll(async () => {
  const options = { isProduction: true, environment: { CORS_ORIGINS: `${listed}, ${alsoListed}` } }
  quiet = await startApp(options)
  busy = await startApp(options)
  return async () => {
    await quiet[Symbol.asyncDispose]()
    await busy[Symbol.asyncDispose]()
  }
})

const sites = [undefined, 'same-origin', 'none', 'same-site', 'cross-site', 'Cross-Site', 'nonsense'] as const
const origins = [
  undefined,
  ours,
  listed,
  alsoListed,
  'null',
  'https://evil.example',
  `${listed}.evil.example`,
  `${listed}:8443`,
  `${listed}/`,
  `${listed}, ${ours}`,
  'https://APP.example.com',
  'http://app.example.com',
  'https://shop.example',
] as const
const unsafe: [method: string, path: string, body: string][] = [
  ['POST', '/auth/otp/send', '{"email":"ada@example.com"}'],
  ['POST', '/auth/otp/resend', '{}'],
  ['POST', '/auth/otp/verify', '{"code":"000000"}'],
  ['DELETE', '/auth/otp', '{}'],
  ['POST', '/auth/logout', '{}'],
]
const matrix = sites.flatMap((site) => origins.map((origin) => [site, origin] as const))

const isListed = (origin: string | undefined) => origin === listed || origin === alsoListed

/** What a browser says in both headers must fit one of: a page of ours, a page of a listed origin, no browser. */
function mayCall(site: string | undefined, origin: string | undefined): boolean {
  if (site === 'same-site' || site === 'cross-site') return isListed(origin)
  const isPlausible = site === undefined || site === 'same-origin' || site === 'none'
  return isPlausible && (origin === undefined || origin === ours || isListed(origin))
}

function call(
  app: RunningApp,
  method: string,
  path: string,
  headers: Record<string, string | undefined>,
  body?: string,
) {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return exchange({
    port: app.port,
    method,
    path,
    headers: {
      Host: app.host,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...Object.fromEntries(given),
    },
    ...(body === undefined ? {} : { body }),
  })
}

function expectCors(answer: Answer, origin: string | undefined): void {
  const found = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-allow'))
  expect(answer.headers.vary).toBe('Cookie, Authorization, Origin')
  if (!isListed(origin)) expect(found).toEqual([])
  else {
    expect(answer.headers['access-control-allow-origin']).toBe(origin)
    expect(answer.headers['access-control-allow-credentials']).toBe('true')
  }
}

describe.each(unsafe)('%s %s', (method, path, body) => {
  test.each(matrix)('with Sec-Fetch-Site %s and Origin %s', async (site, origin) => {
    const headers = { 'Sec-Fetch-Site': site, Origin: origin }
    if (mayCall(site, origin)) {
      const answer = await call(busy, method, path, headers, body)

      expectCors(answer, origin)
      expect(answer.body.code).not.toBe('cross_site_request')
      return
    }
    const before = dumpStore(quiet.storePath)

    const answer = await call(quiet, method, path, headers, body)

    expectCors(answer, origin)
    expectProblem(answer, 403, 'cross_site_request')
    expect(dumpStore(quiet.storePath)).toEqual(before)
  })
})

test.each(matrix)('reading with Sec-Fetch-Site %s and Origin %s is answered', async (site, origin) => {
  const answer = await call(quiet, 'GET', '/auth/session', { 'Sec-Fetch-Site': site, Origin: origin })

  expect(answer.status).toBe(200)
  expectCors(answer, origin)
})

const preflight = {
  'Access-Control-Request-Method': 'POST',
  'Access-Control-Request-Headers': 'content-type,authorization',
}

test.each([listed, alsoListed])('a preflight of %s is answered with what may be sent', async (origin) => {
  const before = dumpStore(quiet.storePath)

  const answer = await call(quiet, 'OPTIONS', '/auth/otp/send', {
    Origin: origin,
    'Sec-Fetch-Site': 'cross-site',
    ...preflight,
  })

  expect(answer.status).toBe(204)
  expectCors(answer, origin)
  expect(answer.headers).toMatchObject({
    'access-control-allow-methods': 'GET,HEAD,POST,DELETE',
    'access-control-allow-headers': 'Authorization,Content-Type,Idempotency-Key',
    'access-control-max-age': '600',
  })
  expect(dumpStore(quiet.storePath)).toEqual(before)
})

test.each(origins.filter((origin) => !isListed(origin)))(
  'a preflight of %s allows nothing',
  async (origin) => {
    const answer = await call(quiet, 'OPTIONS', '/auth/otp/send', { Origin: origin, ...preflight })

    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  },
)

test.each(['/', '/healthz', '/readyz', '/metrics', '/assets/app-1a2b3c.js', '/authx'])(
  'outside /auth no page may read %s, listed or not',
  async (path) => {
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await call(quiet, method, path, { Origin: listed, ...preflight })

      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  },
)

test.each([
  [`${listed}/orders?page=2`, 202],
  [alsoListed, 202],
  [`${listed}.evil.example/`, 403],
])('to who sends neither header the Referer %s stands for them: %i', async (referer, status) => {
  const body = '{"email":"ada@example.com"}'
  expect((await call(busy, 'POST', '/auth/otp/send', { Referer: referer }, body)).status).toBe(status)
})

test('a refusal, too, may be read from a listed origin, with its headers', async () => {
  const refusals = [
    await call(quiet, 'POST', '/auth/otp/verify', { Origin: listed }, '{"code":"000000"}'),
    await call(quiet, 'POST', '/auth/otp/send', { Origin: listed }, '{"email":"nobody"}'),
    await call(quiet, 'POST', '/auth/otp/send', { Origin: listed }, `{"email":"${'a'.repeat(5000)}"}`),
    await call(quiet, 'GET', '/auth/unknown', { Origin: listed }),
    await call(quiet, 'PUT', '/auth/session', { Origin: listed }),
  ]

  expect(refusals.map(({ status }) => status)).toEqual([409, 422, 413, 404, 405])
  for (const answer of refusals) {
    expectCors(answer, listed)
    expect(String(answer.headers['access-control-expose-headers']).split(',')).toEqual([
      'Date',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'X-Request-Id',
      'X-Holdfast-Account',
      'X-Holdfast-Email',
    ])
  }
})

test('so may a 429 and a 503', async () => {
  await using limited = await startApp({
    environment: { CORS_ORIGINS: listed, LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '1' },
  })
  const send = () =>
    exchange({
      port: limited.port,
      method: 'POST',
      path: '/auth/otp/send',
      headers: { Host: limited.host, Origin: listed, 'Content-Type': 'application/json' },
      body: '{"email":"ada@example.com"}',
    })
  await send()
  const tooOften = await send()
  limited.closeStore()
  const unavailable = await send()

  expect([tooOften.status, unavailable.status]).toEqual([429, 503])
  for (const answer of [tooOften, unavailable]) {
    expectCors(answer, listed)
    expect(answer.headers['retry-after']).toMatch(/^\d+$/)
  }
})
