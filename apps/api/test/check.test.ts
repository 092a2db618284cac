import { dumpStore } from '@holdfast/store/testing'
import { beforeAll, expect, test } from 'vitest'
import { exchange } from './http-exchange.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { firstSecret, type RunningApp, secondSecret, startApp } from './running-app.ts'

const dayMs = 86_400_000
let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

test.each(['GET', 'HEAD'])('%s /auth/check is 204 without a body, and names the account', async (method) => {
  const browser = app.newBrowser()
  const { account } = (await browser.signIn(app, 'ada@example.com')).body as { account: { id: string } }

  const answer = await browser.call(method, '/auth/check')

  expect(answer.status).toBe(204)
  expect(answer.text).toBe('')
  expectNotCached(answer)
  expect(answer.setCookies).toEqual([])
  expect(answer.headers).toMatchObject({
    'x-holdfast-account': account.id,
    'x-holdfast-email': 'ada@example.com',
  })
})

test.each(['GET', 'HEAD'])('%s /auth/check is 401 for nobody, and names no account', async (method) => {
  const answer = await app.newBrowser().call(method, '/auth/check')

  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toBe('Bearer')
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-holdfast'))).toEqual([])
  if (method === 'GET') expectProblem(answer, 401, 'not_signed_in')
})

test('it answers a bearer token too', async () => {
  const asked = await app.newBrowser().send('token@example.com', { transport: 'bearer' })
  const withToken = (answer: { body: Record<string, unknown> }) => ({
    Authorization: `Bearer ${answer.body.token}`,
  })
  const { code } = await app.mails.next('token@example.com')
  const signedIn = await app.newBrowser().call('POST', '/auth/otp/verify', { code }, withToken(asked))

  const answer = await app.newBrowser().call('GET', '/auth/check', undefined, withToken(signedIn))

  expect(answer.status).toBe(204)
  expect(answer.headers['x-holdfast-email']).toBe('token@example.com')
})

test('it counts as use: an application that asks nothing else does not idle out', async () => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'idle@example.com')
  for (let week = 0; week < 4; week++) {
    app.advance(7 * dayMs - 1)
    expect((await browser.call('GET', '/auth/check')).status).toBe(204)
  }
  app.advance(2 * dayMs + 4)

  expect((await browser.call('GET', '/auth/check')).body).toMatchObject({ reason: 'session_expired' })
})

test.each([
  ["every#$&'*+/=?^_`{}~-.character@example.com", "every#$&'*+/=?^_`{}~-.character@example.com"],
  ['Grüße@example.com', undefined],
  ['UPPER@Bücher.example', 'upper@xn--bcher-kva.example'],
  ['a\r\nX-Admin: 1@example.com', undefined],
])('the address of "%s" is a header value that needs no care', async (given, expected) => {
  const browser = app.newBrowser()
  const sent = await browser.send(given)
  expect(sent.status).toBe(expected === undefined ? 422 : 202)
  if (expected === undefined) return
  await browser.verify((await app.mails.next(expected)).code)

  expect((await browser.call('GET', '/auth/check')).headers['x-holdfast-email']).toBe(expected)
})

test('a proxy that asks on behalf of another method, path and site is answered', async () => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'proxied@example.com')
  const answer = await browser.call('GET', '/auth/check', undefined, {
    'Sec-Fetch-Site': 'cross-site',
    Origin: 'https://elsewhere.example',
    'X-Forwarded-Method': 'POST',
    'X-Forwarded-Uri': '/orders',
    'X-Holdfast-Account': 'forged',
  })

  expect(answer.status).toBe(204)
  expect(answer.headers['x-holdfast-account']).not.toBe('forged')
})

test('a proxy that passes another Host is told so and not that nobody is signed in', async () => {
  await using production = await startApp({ isProduction: true })
  const answer = await exchange({
    port: production.port,
    method: 'GET',
    path: '/auth/check',
    headers: { Host: '127.0.0.1' },
  })

  expectProblem(answer, 421, 'misdirected_request')
})

test('HEAD /auth/check without a store is 503 and not 401', async () => {
  await using lost = await startApp()
  const browser = lost.newBrowser()
  await browser.signIn(lost, 'ada@example.com')
  lost.closeStore()

  expect((await browser.call('HEAD', '/auth/check')).status).toBe(503)
})

test('under an older key each answer has the new cookie, and only the first one writes', async () => {
  await using rotated = await startApp()
  const browser = rotated.newBrowser()
  await browser.signIn(rotated, 'ada@example.com')
  const Cookie = browser.cookie
  await rotated.rotateTo(secondSecret, firstSecret)
  await browser.call('GET', '/auth/check', undefined, { Cookie })
  const before = dumpStore(rotated.storePath)

  const again = await browser.call('GET', '/auth/check', undefined, { Cookie })

  expect(again.status).toBe(204)
  expect(again.setCookies).toEqual([expect.stringContaining(rotated.keys.current().signingKid)])
  expect(dumpStore(rotated.storePath)).toEqual(before)
})

test('it asks the store no more than a look at the session does, also while a code is pending', async () => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'fast@example.com')
  const queriesOf = async (path: string) => {
    const { store } = app
    let queries = 0
    const { read, query } = store
    store.read = (one) => {
      queries += 1
      return read.call(store, one) as Promise<never>
    }
    store.query = (...given) => {
      queries += 1
      return query.apply(store, given)
    }
    await browser.call('GET', path)
    Object.assign(store, { read, query })
    return queries
  }
  const [ofSession, ofCheck] = [await queriesOf('/auth/session'), await queriesOf('/auth/check')]
  app.advance(1)
  await app.beginVerification(browser, 'fast@example.org')

  expect([ofSession, ofCheck, await queriesOf('/auth/check')]).toEqual([2, 2, 2])
})
