import { sessionKeyOf } from '@holdfast/core'
import { dumpStore, readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import type { Answer } from './http-exchange.ts'
import { firstSecret, secondSecret, startApp } from './running-app.ts'

interface CookieLine {
  name: string
  value: string
  attributes: string[]
  expiresAtMs: number
}

function cookieOf(answer: Answer): CookieLine {
  expect(answer.setCookies).toHaveLength(1)
  const [pair = '', ...attributes] = (answer.setCookies[0] ?? '').split('; ')
  const expires = attributes.find((attribute) => attribute.startsWith('expires='))?.slice(8) ?? ''
  return {
    name: pair.slice(0, pair.indexOf('=')),
    value: pair.slice(pair.indexOf('=') + 1),
    attributes: attributes.filter((attribute) => !attribute.startsWith('expires=')),
    expiresAtMs: Date.parse(expires),
  }
}

const thirtyDaysMs = 30 * 86_400_000

/** It is issued after `sinceMs`, for thirty days. What a date of HTTP leaves out are milliseconds. */
function expectThirtyDays({ expiresAtMs }: CookieLine, sinceMs: number): void {
  expect(expiresAtMs).toBeGreaterThan(sinceMs + thirtyDaysMs - 1_000)
  expect(expiresAtMs).toBeLessThanOrEqual(Date.now() + thirtyDaysMs)
}

const token = /^v1\.[a-z2-7]{8}\.[\w-]{51}\.[\w-]{43}$/

test('the cookie is HttpOnly, SameSite=Lax, for the whole site and thirty days', async () => {
  await using app = await startApp()
  const sinceMs = Date.now()
  const cookie = cookieOf(await app.newBrowser().send('ada@example.com'))

  expect(cookie.name).toBe('holdfast')
  expect(cookie.value).toMatch(token)
  expect(cookie.attributes).toEqual(['path=/', 'samesite=lax', 'httponly'])
  expectThirtyDays(cookie, sinceMs)
})

test('0.13: behind a proxy that ends TLS the cookie is __Host- and Secure although the hop is plain HTTP', async () => {
  await using app = await startApp({ isProduction: true })
  const browser = app.newBrowser()

  const sent = cookieOf(await browser.send('ada@example.com'))
  const verified = cookieOf(await browser.verify((await app.mails.next('ada@example.com')).code))
  const removed = await browser.logout()

  for (const cookie of [sent, verified]) {
    expect(cookie.name).toBe('__Host-holdfast')
    expect(cookie.attributes).toEqual(['path=/', 'samesite=lax', 'secure', 'httponly'])
  }
  expect(removed.setCookies).toEqual([
    '__Host-holdfast=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; samesite=lax; secure; httponly',
  ])
})

test('0.1: signing in gives the session a new id, and the old one is worth nothing any more', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.send('ada@example.com')
  const before = browser.cookie
  await browser.verify((await app.mails.next('ada@example.com')).code)
  const after = browser.cookie

  expect(after?.split('.')[2]).not.toBe(before?.split('.')[2])
  expect((await browser.session()).body.state).toBe('signed_in')
  browser.cookie = before
  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
  expect(dumpStore(app.storePath).sessionBlobs).toHaveLength(1)
})

test('0.10: the session id has 256 random bits, and the store holds neither it nor the token', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const value = browser.cookie?.replace('holdfast=', '') ?? ''
  const sessionId = value.split('.')[2] ?? ''

  expect(Buffer.from(sessionId.slice(8), 'base64url')).toHaveLength(32)
  const stored = JSON.stringify(dumpStore(app.storePath))
  expect(stored).not.toContain(sessionId.slice(8))
  expect(stored).not.toContain(value.split('.')[3])
  expect(stored).toContain(sessionKeyOf(sessionId))
})

test('0.10: a thousand new sessions have a thousand ids', async () => {
  await using app = await startApp()
  const ids = new Set<string>()
  for (let batch = 0; batch < 20; batch++) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => app.newBrowser().send(`a${batch}-${index}@example.com`)),
    )
    for (const answer of answers) ids.add(cookieOf(answer).value.split('.')[2] ?? '')
  }

  expect(ids.size).toBe(1_000)
})

test('0.6: a cookie under an older key is issued anew under the new one with every attribute', async () => {
  await using app = await startApp({ isProduction: true })
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const older = browser.cookie
  await app.rotateTo(secondSecret, firstSecret)

  const sinceMs = Date.now()
  const answer = await browser.session()
  const cookie = cookieOf(answer)

  expect(answer.body.state).toBe('signed_in')
  expect(cookie.name).toBe('__Host-holdfast')
  expect(cookie.value).toMatch(token)
  expect(cookie.value.split('.')[1]).toBe(app.keys.current().signingKid)
  expect(cookie.value.split('.')[2]).toBe(older?.split('.')[2])
  expect(cookie.attributes).toEqual(['path=/', 'samesite=lax', 'secure', 'httponly'])
  expectThirtyDays(cookie, sinceMs)
  // A cookie that was answered may never arrive: the sign-in needs the older key until the new one comes back.
  const kidsInUse = () => readStore(app.storePath, 'SELECT kid FROM signIns')
  expect(kidsInUse()).toEqual([{ kid: older?.split('.')[1] }])
  expect((await browser.session()).setCookies).toEqual([])
  await browser.session()
  expect(kidsInUse()).toEqual([{ kid: app.keys.current().signingKid }])

  // A minute later nothing needs the older key. Without it the new cookie holds and the old one says why it does not.
  app.advance(60_000)
  await app.rotateTo(secondSecret)
  expect((await browser.session()).body.state).toBe('signed_in')
  browser.cookie = older
  expect((await browser.resend()).body).toMatchObject({ reason: 'key_unknown' })
})

test('0.6: a session whose blob was sealed with an older key than its token is sealed anew, and outlives that key', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  await app.rotateTo(secondSecret, firstSecret)
  await browser.session()
  const newer = browser.cookie
  // A process that still signs with the older key saves the session, and its answer is lost.
  await app.rotateTo(firstSecret, secondSecret)
  await browser.session()
  browser.cookie = newer
  await app.rotateTo(secondSecret, firstSecret)

  await browser.session()
  const kids = readStore(app.storePath, 'SELECT SUBSTR(value, 4, 8) AS kid FROM sessionBlobs')
  expect(kids).toEqual([{ kid: app.keys.current().signingKid }])
  app.advance(60_000)
  await app.rotateTo(secondSecret)
  expect((await browser.session()).body.state).toBe('signed_in')
})

test('0.6: signing out with a cookie under an older key only removes it', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  await app.rotateTo(secondSecret, firstSecret)

  const answer = await browser.logout()

  expect(cookieOf(answer).value).toBe('')
})

test('0.6: a code that was sent under an older key signs in under the new one', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  await app.rotateTo(secondSecret, firstSecret)

  const cookie = cookieOf(await browser.verify(code))

  expect(cookie.value.split('.')[1]).toBe(app.keys.current().signingKid)
  expect((await browser.session()).body.state).toBe('signed_in')
})

test('0.9: a session has no time to live in the store, and ends all the same', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const [row] = readStore(app.storePath, 'SELECT * FROM sessionBlobs')

  expect(
    Object.entries(row ?? {}).filter(([name, value]) => /expire|ttl/i.test(name) && value !== null),
  ).toEqual([])
  app.advance(31 * 86_400_000)
  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
})

test('0.11: every step saves its session at once, and reading it saves nothing', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const blobs = () => dumpStore(app.storePath).sessionBlobs
  await app.beginVerification(browser, 'ada@example.com')
  const asked = blobs()
  expect(asked).toHaveLength(1)
  await browser.session()
  expect(blobs()).toEqual(asked)

  await browser.verify(app.mails.all[0]?.code ?? '')
  expect(blobs()).toHaveLength(1)
  expect(blobs()).not.toEqual(asked)
})

test('a session that was not given out by this server is never adopted', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const fixed = `v1.${app.keys.current().signingKid}.${'A'.repeat(51)}.${'A'.repeat(43)}`
  browser.cookie = `holdfast=${fixed}`

  const cookie = cookieOf(await browser.send('ada@example.com'))

  expect(cookie.value).toMatch(token)
  expect(cookie.value.split('.')[2]).not.toBe('A'.repeat(51))
})
