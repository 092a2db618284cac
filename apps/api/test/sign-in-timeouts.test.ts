import { expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { startApp } from './running-app.ts'

const dayMs = 86_400_000

async function whyAnonymous(browser: Browser): Promise<unknown> {
  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
  const { session } = (await browser.call('GET', '/auth/session-debug')).body as {
    session: { reason: string }
  }
  return session.reason
}

test('a sign-in that is not used lasts until 1 ms before its idle time and then ends as idle_timeout', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app.mails, 'ada@example.com')
  app.advance(7 * dayMs - 1)
  // Asked without being counted as use: session-debug only looks.
  expect((await browser.call('GET', '/auth/session-debug')).body).toMatchObject({
    session: { view: { state: 'signed_in' } },
  })
  app.advance(1)

  expect(await whyAnonymous(browser)).toBe('idle_timeout')
})

test('0.11: a sign-in in daily use ends at its absolute time as session_expired, not a moment later', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app.mails, 'ada@example.com')
  for (let day = 0; day < 29; day++) {
    app.advance(dayMs)
    expect((await browser.session()).body.state).toBe('signed_in')
  }
  app.advance(dayMs - 1)
  expect((await browser.session()).body.state).toBe('signed_in')
  app.advance(1)

  expect(await whyAnonymous(browser)).toBe('session_expired')
})

test('use is noted at most once a minute', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app.mails, 'ada@example.com')
  const signedInAtMs = app.clock.nowMs
  const lastSeen = async () => {
    // What the session call wrote was not waited for; a write of our own comes after it.
    await browser.call('GET', '/readyz')
    const rows = await app.store.query('SELECT lastSeenAtMs FROM signIns', [])
    return (rows[0] as { lastSeenAtMs: number }).lastSeenAtMs - signedInAtMs
  }

  app.advance(59_999)
  await browser.session()
  expect(await lastSeen()).toBe(0)
  app.advance(1)
  await browser.session()
  expect(await lastSeen()).toBe(60_000)
})

test('a sign-in that outlives a clock set forward and back again holds', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app.mails, 'ada@example.com')
  app.advance(365 * dayMs)
  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
  app.advance(-365 * dayMs)

  expect((await browser.session()).body.state).toBe('signed_in')
})

test('a verification is still shown an hour after its codes expired, and then is not', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  app.advance(600_000 + 3_599_999)
  expect((await browser.session()).body.state).toBe('code_sent')
  app.advance(1)

  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
})

test('the configured times are the ones that count', async () => {
  await using app = await startApp({
    environment: {
      OTP_TTL_SECONDS: '60',
      OTP_LENGTH: '8',
      SESSION_IDLE_SECONDS: '100',
      SESSION_ABSOLUTE_SECONDS: '150',
    },
  })
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  expect(code).toMatch(/^\d{8}$/)
  app.advance(60_000)
  expect((await browser.verify(code)).status).toBe(410)

  app.advance(1)
  await browser.signIn(app.mails, 'ada@example.com')
  app.advance(90_000)
  expect((await browser.session()).body.state).toBe('signed_in')
  app.advance(60_000)
  expect(await whyAnonymous(browser)).toBe('session_expired')
})
