import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { attack, victim } from './attacker.ts'
import type { Browser } from './browser.ts'
import { expectProblem } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

function guarded(environment: Record<string, string> = {}) {
  return startApp({
    environment: { LIMIT_WRONG_PER_ADDRESS_PER_DAY: '20', TRUST_PROXY: '127.0.0.1', ...environment },
  })
}

function budgetOf(app: RunningApp) {
  const [row] = readStore(app.storePath, "SELECT count, waitUntilMs FROM limits WHERE key LIKE 'wrong|%'")
  return row
}

async function guessWrong(browser: Browser, code: string, guesses: number) {
  for (let guess = 1; guess <= guesses; guess++) {
    expect((await browser.verify(wrongCode(code, guess))).status).toBe(403)
  }
}

test.each([1, 2, 3, 4, 5])(
  'A4: many sessions, networks and variants of one address, with %i guesses each, stop after 20 guesses',
  async (guessesEach) => {
    await using app = await guarded()

    const { lookedAt, stoppedBy } = await attack(app, guessesEach)

    expect(lookedAt).toBe(20)
    expectProblem(stoppedBy, 429, 'rate_limited')
    expect(stoppedBy.headers['retry-after']).toBe('60')
    expect(budgetOf(app)).toEqual({ count: 20, waitUntilMs: app.clock.nowMs + minuteMs })
  },
)

test('a resend waits as a send does, and so does a guess that is not the first of its verification', async () => {
  await using app = await guarded({ OTP_RESEND_SECONDS: '0' })
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, victim)
  await guessWrong(browser, code, 1)
  expect((await attack(app, 5)).lookedAt).toBe(19)

  expectProblem(await browser.resend(), 429, 'rate_limited')
  const guess = await browser.verify(wrongCode(code, 2))
  expectProblem(guess, 429, 'rate_limited')
  expect(guess.headers['retry-after']).toBe('60')
  expect(guess.body.detail).toBe('Please wait 60 seconds before you try another code.')
  expect((await browser.session()).body).toMatchObject({ verification: { attemptsLeft: 4, sends: 1 } })
})

test('each guess past the budget makes the wait for another code longer, up to a quarter of an hour', async () => {
  await using app = await guarded()
  const waits: number[] = []
  await attack(app, 5)
  for (let guess = 1; guess <= 6; guess++) {
    const seconds = Number((await app.newBrowser().send(victim)).headers['retry-after'])
    waits.push(seconds / 60)
    app.advance((seconds - 1) * 1000)
    expect((await app.newBrowser().send(victim)).status).toBe(429)
    app.advance(1000)
    expect((await attack(app, 1)).lookedAt).toBe(1)
  }

  expect(waits).toEqual([1, 2, 4, 8, 15, 15])
})

test('each guess past the budget makes the next one of its verification wait longer, without an end', async () => {
  await using app = await guarded()
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, victim)
  await attack(app, 5)
  const waits: number[] = []
  expect((await browser.verify(wrongCode(code))).status).toBe(403)
  for (;;) {
    const seconds = Number((await browser.verify(wrongCode(code))).headers['retry-after'])
    waits.push(seconds / 60)
    app.advance(seconds * 1000)
    if ((await browser.verify(wrongCode(code))).status !== 403) break
  }

  expect(waits).toEqual([2, 4, 8])
})

test('a day after its first guess the budget is whole again', async () => {
  await using app = await guarded()
  await attack(app, 5)
  app.advance(dayMs - 1)
  const late = app.newBrowser()
  await app.beginVerification(late, victim)
  app.advance(1)

  expect((await attack(app, 4)).lookedAt).toBe(20)
  expect(budgetOf(app)?.count).toBe(20)
})

test('a restart gives nothing back and shortens no wait', async () => {
  const before = await guarded()
  const { lookedAt } = await attack(before, 5)
  await using app = await startApp(await before.leave())

  expect(lookedAt).toBe(20)
  expect(await attack(app, 5)).toMatchObject({ lookedAt: 0, stoppedBy: { headers: { 'retry-after': '60' } } })
})

test('addresses have budgets of their own', async () => {
  await using app = await guarded()
  await attack(app, 5)
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'grace@example.com')

  await guessWrong(browser, code, 4)

  expect((await browser.verify(code)).status).toBe(200)
})

test('a budget of 0 is no limit', async () => {
  await using app = await guarded({ LIMIT_WRONG_PER_ADDRESS_PER_DAY: '0' })
  for (let round = 1; round <= 10; round++) {
    const browser = app.newBrowser()
    const { code } = await app.beginVerification(browser, victim)
    await guessWrong(browser, code, 5)
  }

  expect(budgetOf(app)).toBeUndefined()
})

test('a guess counts once for each code that it could have hit', async () => {
  await using app = await guarded({ OTP_RESEND_SECONDS: '0' })
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, victim)
  await guessWrong(browser, code, 1)
  app.advance(minuteMs)
  await browser.resend()
  await browser.resend()
  await guessWrong(browser, code, 1)
  expect(budgetOf(app)?.count).toBe(1 + 3)
  app.advance(9 * minuteMs)

  await guessWrong(browser, code, 1)

  expect(budgetOf(app)?.count).toBe(1 + 3 + 2)
})

test('five good codes cost no try of their own verification, and all that they could have hit of the others', async () => {
  await using app = await guarded({ OTP_RESEND_SECONDS: '0' })
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, victim)
  for (let resend = 1; resend <= 4; resend++) expect((await browser.resend()).status).toBe(202)
  const codes = [code]
  for (let resend = 1; resend <= 4; resend++) codes.push((await app.mails.next(victim)).code)
  const wrong = Array.from({ length: 11 }, (_, at) => wrongCode(code, at)).filter(
    (guess) => !codes.includes(guess),
  )

  const statuses: number[] = []
  for (const guess of wrong.slice(0, 6)) statuses.push((await browser.verify(guess)).status)

  expect(statuses).toEqual([403, 403, 403, 403, 403, 429])
  expect(budgetOf(app)?.count).toBe(25)
  expect((await attack(app, 5)).lookedAt).toBe(0)
})

test('of 40 guesses at once at eight verifications of one address no more than the budget is looked at, but for first ones', async () => {
  await using app = await guarded()
  const begun = []
  for (let at = 0; at < 8; at++) {
    const browser = app.newBrowser()
    begun.push({ browser, code: (await app.beginVerification(browser, victim)).code })
  }
  await Promise.all(begun.map(({ browser, code }) => browser.verify(wrongCode(code))))
  expect(budgetOf(app)?.count).toBe(8)

  const answers = await Promise.all(
    begun.flatMap(({ browser, code }) => [2, 3, 4, 5].map((guess) => browser.verify(wrongCode(code, guess)))),
  )

  const counts = new Map<unknown, number>()
  for (const { body } of answers) counts.set(body.code, (counts.get(body.code) ?? 0) + 1)
  expect(counts).toEqual(
    new Map([
      ['code_incorrect', 12],
      ['rate_limited', 20],
    ]),
  )
})

test('a window that a clock far ahead began does not outlast the clock being set right', async () => {
  await using app = await guarded({ LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '4' })
  app.advance(365 * dayMs)
  await attack(app, 5)
  app.advance(-365 * dayMs)

  expect((await attack(app, 5)).lookedAt).toBe(20)
})
