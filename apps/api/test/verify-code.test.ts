import { dumpStore, readStore } from '@holdfast/store/testing'
import { beforeAll, expect, test } from 'vitest'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

const email = 'ada@example.com'
let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

test.each([
  ['', 'empty'],
  ['12345', 'too short'],
  ['1234567', 'too long'],
  ['12345a', 'with a letter'],
  ['12345.6', 'with a point'],
  ['-12345', 'a negative number'],
  ['0x1234', 'in hex'],
  ['１２３４５', 'five full-width digits'],
  ['١٢٣٤٥٦', 'in Arabic digits'],
  ['१२३४५६', 'in Devanagari digits'],
  ['12345\0', 'with a NUL'],
  ['\ud800'.repeat(6), 'of lone surrogates'],
  ['1'.repeat(4000), 'of 4,000 digits'],
  [' '.repeat(4000), 'of 4,000 spaces'],
])('the code "%s" (%s) is malformed, and costs no try', async (code) => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  const before = dumpStore(app.storePath)

  const answer = await browser.verify(code)

  expectProblem(answer, 422, 'code_malformed')
  expectNotCached(answer)
  expect(answer.body.reference).toMatch(/^HF-/)
  expect(dumpStore(app.storePath)).toEqual(before)
})

test.each([
  ['spaces', (code: string) => `  ${code.slice(0, 3)} ${code.slice(3)}\t\n`],
  ['dashes', (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`],
  ['typographic dashes', (code: string) => [...code].join('–')],
  ['no-break spaces', (code: string) => [...code].join('\u00a0')],
  [
    'full-width digits',
    (code: string) => code.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
  ],
])('the right code typed with %s signs in', async (_name, type) => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)

  expect((await browser.verify(type(code))).status).toBe(200)
})

test('a wrong code is 403, counts down to zero, and then the right one is refused with 429', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)

  for (const attemptsLeft of [4, 3, 2, 1, 0]) {
    const answer = await browser.verify(wrongCode(code, attemptsLeft + 1))
    expectProblem(answer, 403, 'code_incorrect')
    expect(answer.body.attemptsLeft).toBe(attemptsLeft)
  }
  const answer = await browser.verify(code)

  expectProblem(answer, 429, 'too_many_attempts')
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  expect(answer.body).toMatchObject({ attemptsLeft: 0, reason: 'verification_exhausted' })
})

test('the fifth try may be the right one', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  for (let guess = 1; guess <= 4; guess++) await browser.verify(wrongCode(code, guess))

  expect((await browser.verify(code)).status).toBe(200)
})

test('0.3: of 200 parallel wrong guesses exactly five are looked at', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)

  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => browser.verify(wrongCode(code, index + 1))),
  )

  const codes = answers.map(({ body }) => body.code)
  expect(codes.filter((name) => name === 'code_incorrect')).toHaveLength(5)
  expect(codes.filter((name) => name === 'too_many_attempts')).toHaveLength(195)
  expect(
    answers
      .map(({ body }) => body.attemptsLeft)
      .filter((left) => left !== 0)
      .sort(),
  ).toEqual([1, 2, 3, 4])
  const attempts = readStore(app.storePath, 'SELECT max(attempts) AS most FROM verifications')
  expect(attempts).toEqual([{ most: 5 }])
  expectProblem(await browser.verify(code), 429, 'too_many_attempts')
})

test('of 20 parallel right guesses all get one and the same sign-in and session', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  const { cookie } = browser

  const answers = await Promise.all(Array.from({ length: 20 }, () => browser.verify(code)))

  const signedIn = answers.filter(({ status }) => status === 200)
  expect(signedIn).toHaveLength(20)
  expect(new Set(signedIn.map(({ text }) => text)).size).toBe(1)
  expect(
    new Set(signedIn.flatMap(({ setCookies }) => setCookies.map((line) => line.split(';')[0]))).size,
  ).toBe(1)
  const rows = readStore(app.storePath, "SELECT count(*) AS count FROM ledger WHERE event = 'signed_in'")
  const signIns = readStore(app.storePath, 'SELECT count(*) AS count FROM signIns')
  expect(rows).toEqual(signIns)
  browser.cookie = cookie
  expect((await browser.verify(code)).text).toBe(signedIn[0]?.text)
})

test('a code is good 1 ms before its end and refused at its end', async () => {
  for (const [afterMs, status] of [
    [599_999, 200],
    [600_000, 410],
  ] as const) {
    const browser = app.newBrowser()
    const { code } = await app.beginVerification(browser, email)
    app.advance(afterMs)

    expect((await browser.verify(code)).status).toBe(status)
  }
})

test('the code of one session is wrong in another, for the same address too', async () => {
  const mine = app.newBrowser()
  const theirs = app.newBrowser()
  const { code } = await app.beginVerification(mine, email)
  const other = await app.beginVerification(theirs, email)

  const answer = await theirs.verify(code === other.code ? wrongCode(code) : code)

  expect(answer.body).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 })
  expect((await mine.verify(code)).status).toBe(200)
})

test('a lost answer is given again for a minute: same sign-in, same new session', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  const { cookie } = browser
  const first = await browser.verify(code)
  const session = browser.cookie
  browser.cookie = cookie
  app.advance(59_999)

  const again = await browser.verify(code)

  expect(again.text).toBe(first.text)
  expect(browser.cookie).toBe(session)
  expect((await browser.session()).body.state).toBe('signed_in')
})

test('a code that was used is refused after a minute, and at once when the sign-in was ended', async () => {
  const late = app.newBrowser()
  const first = await app.beginVerification(late, email)
  const lateCookie = late.cookie
  await late.verify(first.code)
  late.cookie = lateCookie
  app.advance(60_000)
  const used = await late.verify(first.code)
  expectProblem(used, 409, 'verification_session_not_found')
  expect(used.body.reason).toBe('verification_used')

  const ended = app.newBrowser()
  const second = await app.beginVerification(ended, email)
  const endedCookie = ended.cookie
  await ended.verify(second.code)
  await ended.logout()
  ended.cookie = endedCookie
  expectProblem(await ended.verify(second.code), 409, 'verification_session_not_found')
})

test('guesses at a code that was used already are counted too', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  const { cookie } = browser
  await browser.verify(code)
  for (let guess = 1; guess <= 10; guess++) {
    browser.cookie = cookie
    expect((await browser.verify(wrongCode(code, guess))).status).toBe(409)
  }
  browser.cookie = cookie

  expect((await browser.verify(code)).status).toBe(409)
})

test('cancel ends the verification: 204, the code is refused, and cancelling again is 204', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)

  const answer = await browser.call('DELETE', '/auth/otp')
  expect(answer.status).toBe(204)
  expect(answer.text).toBe('')
  expectNotCached(answer)
  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
  const refused = await browser.verify(code)
  expectProblem(refused, 409, 'verification_session_not_found')
  expect(refused.body.reason).toBe('verification_cancelled')
  expect((await browser.call('DELETE', '/auth/otp')).status).toBe(204)
  expect((await app.newBrowser().call('DELETE', '/auth/otp')).status).toBe(204)
})
