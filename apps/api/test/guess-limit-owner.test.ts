import { readStore } from '@holdfast/store/testing'
import { beforeEach, expect, test } from 'vitest'
import { attack, victim } from './attacker.ts'
import type { Browser } from './browser.ts'
import { expectProblem } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

/*
 * R52, A23: what the budget of wrong guesses means to the owner of the address.
 */

let app: RunningApp
let owner: Browser

beforeEach(async () => {
  app = await startApp({ environment: { LIMIT_WRONG_PER_ADDRESS_PER_DAY: '20', TRUST_PROXY: '127.0.0.1' } })
  owner = app.newBrowser()
  return () => app[Symbol.asyncDispose]()
})

function budget() {
  const [row] = readStore(app.storePath, "SELECT count, waitUntilMs FROM limits WHERE key LIKE 'wrong|%'")
  return row
}

test('an owner with a verification under way signs in at once, whatever attackers have done', async () => {
  const { code } = await app.beginVerification(owner, victim)
  for (let wave = 1; wave <= 3; wave++) {
    const { stoppedBy } = await attack(app, 5)
    app.advance(Number(stoppedBy.headers['retry-after']) * 1000)
  }
  expect((await attack(app, 5)).stoppedBy.status).toBe(429)

  expect((await owner.verify(code)).status).toBe(200)
})

test('an owner who mistypes past the budget is told how long to wait, and then signs in', async () => {
  const { code } = await app.beginVerification(owner, victim)
  await attack(app, 5)
  expect((await owner.verify(wrongCode(code))).body).toMatchObject({
    code: 'code_incorrect',
    attemptsLeft: 4,
  })

  const early = await owner.verify(code)
  expectProblem(early, 429, 'rate_limited')
  const seconds = Number(early.headers['retry-after'])
  expect(seconds).toBe(120)
  app.advance((seconds - 1) * 1000)
  expect((await owner.verify(code)).status).toBe(429)
  expect((await owner.session()).body).toMatchObject({ verification: { attemptsLeft: 4 } })
  app.advance(1000)

  expect((await owner.verify(code)).status).toBe(200)
})

test('an owner who signs in gives back what her own guesses have counted, and not what others have', async () => {
  expect((await attackOnce(4)).count).toBe(4)
  const { code } = await app.beginVerification(owner, victim)
  for (let guess = 1; guess <= 3; guess++) await owner.verify(wrongCode(code, guess))
  expect(budget()).toEqual({ count: 7, waitUntilMs: null })

  expect((await owner.verify(code)).status).toBe(200)

  expect(budget()).toEqual({ count: 4, waitUntilMs: null })
})

test('of many right codes at once, and of each repetition of one, no more is given back than was counted', async () => {
  await attackOnce(5)
  await attackOnce(5)
  const { code } = await app.beginVerification(owner, victim)
  const before = owner.cookie
  await Promise.all(Array.from({ length: 20 }, () => owner.verify(code)))
  owner.cookie = before

  expect((await owner.verify(code)).status).toBe(200)

  expect(budget()).toEqual({ count: 10, waitUntilMs: null })
})

test('the right guess that would spend the budget leaves no wait behind', async () => {
  for (const guesses of [5, 5, 5, 4]) await attackOnce(guesses)
  const { code } = await app.beginVerification(owner, victim)

  await owner.verify(code)

  expect(budget()).toEqual({ count: 19, waitUntilMs: null })
  expect((await app.newBrowser().send(victim)).status).toBe(202)
})

test('the right guess past the budget makes no wait longer than the one that the others have earned', async () => {
  const { code } = await app.beginVerification(owner, victim)
  await attack(app, 5)
  app.advance(59_000)

  await owner.verify(code)

  expect(budget()).toEqual({ count: 20, waitUntilMs: app.clock.nowMs + 60_000 })
})

test('the code that was accepted can be sent again past the budget, and live sign-ins are not touched', async () => {
  const { code } = await app.beginVerification(owner, victim)
  const before = app.newBrowser()
  before.cookie = owner.cookie
  await owner.verify(code)
  await attack(app, 5)

  expect((await before.verify(code)).status).toBe(200)
  expect((await owner.session()).body.state).toBe('signed_in')
})

test('A20: a refusal past the budget says the same of an address with an account and of one without', async () => {
  const { code } = await app.beginVerification(owner, victim)
  await owner.verify(code)
  const withAccount = await attack(app, 5)
  const stranger = app.newBrowser()
  for (let round = 1; round <= 4; round++) {
    const mail = await app.beginVerification(stranger, 'nobody@example.com')
    for (let guess = 1; guess <= 5; guess++) await stranger.verify(wrongCode(mail.code, guess))
  }

  const withoutAccount = await app.newBrowser().send('nobody@example.com')

  const told = ({ headers, body, status }: typeof withoutAccount) => {
    const { 'x-request-id': _id, date: _date, ...others } = headers
    return { status, headers: others, body: { ...body, requestId: '' } }
  }
  expect(told(withoutAccount)).toEqual(told(withAccount.stoppedBy))
})

/** Somebody makes some wrong guesses at the address and gives up. */
async function attackOnce(guesses: number): Promise<{ count: unknown }> {
  const attacker = app.newBrowser()
  const { code } = await app.beginVerification(attacker, victim)
  for (let guess = 1; guess <= guesses; guess++) await attacker.verify(wrongCode(code, guess))
  return { count: budget()?.count }
}
