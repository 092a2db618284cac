import { sessionKeyOf } from '@holdfast/core'
import { dumpStore, readStore } from '@holdfast/store/testing'
import { beforeAll, expect, test } from 'vitest'
import { resendCode } from '../src/sign-in/resend-code.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

const email = 'ada@example.com'
let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

test('resend 1 ms before its time is refused with the second to wait, and mails nothing', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  app.advance(29_999)
  const before = dumpStore(app.storePath)

  const answer = await browser.resend()

  expectProblem(answer, 429, 'rate_limited')
  expectNotCached(answer)
  expect(answer.headers['retry-after']).toBe('1')
  expect(answer.body.reference).toMatch(/^HF-/)
  expect(dumpStore(app.storePath)).toEqual(before)
})

test('Retry-After of a resend is honest: at that second it is answered', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  app.advance(12_300)

  const refused = await browser.resend()
  expect(refused.headers['retry-after']).toBe('18')
  app.advance(18_000)
  const answer = await browser.resend()

  expect(answer.status).toBe(202)
  const iso = (fromNowMs: number) => new Date(app.clock.nowMs + fromNowMs).toISOString()
  expect(answer.body).toMatchObject({
    state: 'code_sent',
    verification: {
      sends: 2,
      sentAt: iso(0),
      resendAt: iso(30_000),
      expiresAt: iso(600_000),
      delivery: 'queued',
    },
  })
  expect(answer.setCookies).toEqual([])
  await app.mails.next(email)
})

test('every code of a verification is good until it expires itself', async () => {
  const browser = app.newBrowser()
  const first = await app.beginVerification(browser, email)
  app.advance(599_999)
  await browser.resend()
  const second = await app.mails.next(email)
  expect(second.messageId).not.toBe(first.messageId)

  app.advance(1)
  const late = await browser.verify(first.code === second.code ? wrongCode(first.code) : first.code)
  expect(late.body).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 })
  expect((await browser.verify(second.code)).status).toBe(200)
})

test('the first code signs in after a second was sent', async () => {
  const browser = app.newBrowser()
  const first = await app.beginVerification(browser, email)
  app.advance(30_000)
  await browser.resend()
  await app.mails.next(email)

  expect((await browser.verify(first.code)).status).toBe(200)
})

test('resend gives no try back', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  for (let guess = 1; guess <= 4; guess++) await browser.verify(wrongCode(code, guess))
  app.advance(30_000)

  const answer = await browser.resend()
  expect(answer.body).toMatchObject({ verification: { attemptsLeft: 1 } })
  const next = await app.mails.next(email)
  expect((await browser.verify(wrongCode(next.code, 5))).body).toMatchObject({ attemptsLeft: 0 })
  expectProblem(await browser.verify(next.code), 429, 'too_many_attempts')
})

test('resend after the last try is refused with too_many_attempts and Retry-After', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  for (let guess = 1; guess <= 5; guess++) await browser.verify(wrongCode(code, guess))
  app.advance(30_000)

  const answer = await browser.resend()

  expectProblem(answer, 429, 'too_many_attempts')
  expect(answer.body).toMatchObject({ reason: 'verification_exhausted', attemptsLeft: 0 })
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
})

test('the sixth code of a verification is refused, and the five before stay good', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  for (let sends = 2; sends <= 5; sends++) {
    app.advance(30_000)
    expect((await browser.resend()).body).toMatchObject({ verification: { sends } })
    await app.mails.next(email)
  }
  app.advance(30_000)

  expectProblem(await browser.resend(), 429, 'rate_limited')
  expect(app.mails.all.at(-1)?.text).toContain('Code 5 of 5')
  expect((await browser.verify(app.mails.all.at(-1)?.code ?? '')).status).toBe(200)
})

test('past the last code, Retry-After names no time at which resend is refused once more', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  for (let sends = 2; sends <= 5; sends++) {
    app.advance(30_000)
    await browser.resend()
    await app.mails.next(email)
  }
  const refused = await browser.resend()
  app.advance(Number(refused.headers['retry-after']) * 1000)

  const answer = await browser.resend()

  // "Wait 570 seconds" and then "wait 1 second" for ever: here only starting over helps, and it must say so.
  expect(answer.body.code).not.toBe('rate_limited')
})

test('after all codes have expired, verify says code_expired and resend mails a good one', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  app.advance(600_000)

  const expired = await browser.verify(code)
  expectProblem(expired, 410, 'code_expired')
  expect(expired.body.reason).toBe('verification_expired')
  expect((await browser.resend()).status).toBe(202)
  expect((await browser.verify((await app.mails.next(email)).code)).status).toBe(200)
})

test('of ten resends at once one is answered and one mail goes out', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  app.advance(30_000)
  const mailed = app.mails.all.length

  const answers = await Promise.all(Array.from({ length: 10 }, () => browser.resend()))
  await app.mails.next(email)

  expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array(9).fill(429)])
  expect(app.mails.all.length - mailed).toBe(1)
})

test('of ten resends in one turn of the event loop one is answered, with one code more', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  app.advance(30_000)
  const sessionKey = sessionKeyOf(browser.cookie?.split('.')[2] ?? '')

  const outcomes = await Promise.all(
    Array.from({ length: 10 }, () =>
      resendCode(app.signIn, { sessionKey, clientNetwork: '127.0.0.1', askingRequest: null }),
    ),
  )
  await app.mails.next(email)

  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
  const codes = 'SELECT number FROM codes JOIN verifications ON id = verificationId WHERE sessionKey = ?'
  expect(readStore(app.storePath, codes, sessionKey)).toEqual([{ number: 1 }, { number: 2 }])
})

test.each([
  ['never_started', async () => app.newBrowser(), 'cookie_missing'],
  [
    'verification_used',
    async () => {
      const browser = app.newBrowser()
      const { code } = await app.beginVerification(browser, email)
      const { cookie } = browser
      await browser.verify(code)
      browser.cookie = cookie
      return browser
    },
    'verification_used',
  ],
  [
    'verification_cancelled',
    async () => {
      const browser = app.newBrowser()
      await app.beginVerification(browser, email)
      await browser.call('DELETE', '/auth/otp')
      return browser
    },
    'verification_cancelled',
  ],
])('resend without a live verification (%s) says so', async (_name, prepare, reason) => {
  const browser = await prepare()

  const answer = await browser.resend()

  expectProblem(answer, 409, 'verification_session_not_found')
  expect(answer.body).toMatchObject({
    reason,
    detail: expect.stringMatching(/^Verification session not found\. Please start over\./),
  })
})
