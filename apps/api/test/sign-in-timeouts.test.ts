import fc from 'fast-check'
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
  await browser.signIn(app, 'ada@example.com')
  app.advance(7 * dayMs - 1)
  // Asked without being counted as use: session-debug only looks.
  expect((await browser.call('GET', '/auth/session-debug')).body).toMatchObject({
    session: { view: { state: 'signed_in' } },
  })
  app.advance(1)

  expect(await whyAnonymous(browser)).toBe('idle_timeout')
})

test('a sign-in that has idled out is counted as live no more', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const counts = async () =>
    (await browser.call('GET', '/auth/session-debug')).body as { store: { liveSignIns: number } }
  app.advance(7 * dayMs - 1)
  expect((await counts()).store.liveSignIns).toBe(1)
  app.advance(1)

  expect((await counts()).store.liveSignIns).toBe(0)
})

test('an answer is not repeated once its sign-in has idled out', async () => {
  await using app = await startApp({ environment: { SESSION_IDLE_SECONDS: '20' } })
  const before = app.newBrowser()
  const { code } = await app.beginVerification(before, 'ada@example.com')
  const { cookie } = before
  const verifyAgain = async () => {
    const again = app.newBrowser()
    again.cookie = cookie
    return (await again.verify(code)).status
  }
  await before.verify(code)
  app.advance(19_999)
  expect(await verifyAgain()).toBe(200)
  app.advance(1)

  expect(await verifyAgain()).toBe(409)
})

test('0.11: a sign-in in daily use ends at its absolute time as session_expired, not a moment later', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  for (let day = 0; day < 29; day++) {
    app.advance(dayMs)
    expect((await browser.session()).body.state).toBe('signed_in')
  }
  app.advance(dayMs - 1)
  expect((await browser.session()).body.state).toBe('signed_in')
  app.advance(1)

  expect(await whyAnonymous(browser)).toBe('session_expired')
})

test('R31: with a request every hour a sign-in lives to its absolute end and ends there, whatever asks', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const { cookie } = browser
  const calls = ['/auth/session', '/auth/check', '/auth/sessions']
  const hours = 30 * 24
  for (let hour = 1; hour < hours; hour++) {
    app.advance(dayMs / 24)
    const answer = await browser.call('GET', calls[hour % calls.length] ?? '')
    expect([200, 204], `after ${hour} hours`).toContain(answer.status)
  }
  expect((await browser.session()).body.state).toBe('signed_in')
  app.advance(dayMs / 24)

  for (const path of calls.slice(1)) {
    const answer = await browser.call('GET', path)
    expect([answer.status, answer.body.reason]).toEqual([401, 'session_expired'])
  }
  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
  expect(browser.cookie).toBe(cookie)
})

test('use is noted at most once a minute', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
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

test('a look is use also while another code is asked for', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const signedInAtMs = app.clock.nowMs
  await app.beginVerification(browser, 'bob@example.com')
  app.advance(60_000)

  expect((await browser.session()).body.state).toBe('code_sent')

  // What the look wrote was not waited for; a write of our own comes after it.
  await browser.call('GET', '/readyz')
  expect(await app.store.query('SELECT lastSeenAtMs FROM signIns', [])).toEqual([
    { lastSeenAtMs: signedInAtMs + 60_000 },
  ])
})

test('a sign-in that outlives a clock set forward and back again holds', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  app.advance(365 * dayMs)
  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
  app.advance(-365 * dayMs)

  expect((await browser.session()).body.state).toBe('signed_in')
})

const jumps = fc.array(
  fc.record({
    /** How wrong the clock is meanwhile, in hours. */
    wrongBy: fc.integer({ min: -40 * 24, max: 40 * 24 }),
    asksMeanwhile: fc.boolean(),
    /** How long it is right again after it, in hours. */
    thenRight: fc.integer({ min: 0, max: 6 * 24 }),
  }),
  { minLength: 1, maxLength: 8 },
)

test('a clock that jumps back and forth signs nobody out once it is right, and lets nobody outlive the end', async () => {
  await using app = await startApp()
  await fc.assert(
    fc.asyncProperty(jumps, async (many) => {
      const browser = app.newBrowser()
      await browser.signIn(app, 'ada@example.com')
      const signedInAtMs = app.clock.nowMs
      for (const { wrongBy, asksMeanwhile, thenRight } of many) {
        app.advance((wrongBy * dayMs) / 24)
        if (asksMeanwhile) await browser.session()
        app.advance((-wrongBy * dayMs) / 24)
        app.advance((thenRight * dayMs) / 24)
        const isOver = app.clock.nowMs >= signedInAtMs + 30 * dayMs
        const { status, body } = await browser.call('GET', '/auth/check')
        expect([status, body.reason]).toEqual(isOver ? [401, 'session_expired'] : [204, undefined])
      }
    }),
    { numRuns: 50, seed: 20_261_125 },
  )
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
  await browser.signIn(app, 'ada@example.com')
  app.advance(90_000)
  expect((await browser.session()).body.state).toBe('signed_in')
  app.advance(60_000)
  expect(await whyAnonymous(browser)).toBe('session_expired')
})
