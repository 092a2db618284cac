import { StoreUnavailableError } from '@holdfast/store'
import { beforeAll, expect, test } from 'vitest'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

test('a repeated answer leaves the code alone that the session has asked for meanwhile', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  const before = app.newBrowser()
  before.cookie = browser.cookie
  await browser.verify(code)
  await browser.send('grace@example.com')

  expect((await before.verify(code)).status).toBe(200)

  expect((await browser.session()).body).toMatchObject({ state: 'code_sent' })
})

test('an answer is repeated although the clock was set back after an earlier code was asked for', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  app.advance(-3_600_000)
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  const before = app.newBrowser()
  before.cookie = browser.cookie
  const first = await browser.verify(code)

  expect(await before.verify(code)).toMatchObject({ status: 200, body: first.body })
})

test('a server that fails right after the first commit of a right guess has signed in, on the last try too', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  for (let guess = 1; guess <= 4; guess++) {
    expect((await browser.verify(wrongCode(code, guess))).status).toBe(403)
  }
  const write = app.store.write.bind(app.store)
  app.store.write = async (...queries) => {
    await write(...queries)
    throw new StoreUnavailableError('ended by the test')
  }
  expect((await browser.verify(code)).status).toBe(503)
  app.store.write = write

  const answer = await browser.verify(code)

  expect(answer).toMatchObject({ status: 200, body: { state: 'signed_in' } })
})

test('on the last try the right code is good for one look more, and a wrong one uses that up', async () => {
  const before = app.newBrowser()
  const { code } = await app.beginVerification(before, 'ada@example.com')
  for (let guess = 1; guess <= 4; guess++) await before.verify(wrongCode(code, guess))
  const { cookie } = before
  const again = async (guess: string) => {
    before.cookie = cookie
    return (await before.verify(guess)).status
  }
  expect(await again(code)).toBe(200)

  const statuses = [await again(code), await again(code), await again(wrongCode(code)), await again(code)]

  expect(statuses).toEqual([200, 200, 409, 409])
})

test('tries that were left when the right code came are all that wrong repetitions may take', async () => {
  const before = app.newBrowser()
  const { code } = await app.beginVerification(before, 'ada@example.com')
  await before.verify(wrongCode(code))
  const { cookie } = before
  const again = async (guess: string) => {
    before.cookie = cookie
    return (await before.verify(guess)).status
  }
  expect(await again(code)).toBe(200)

  for (let guess = 1; guess <= 2; guess++) expect(await again(wrongCode(code, guess))).toBe(409)
  expect(await again(code)).toBe(200)
  expect(await again(wrongCode(code, 3))).toBe(409)

  expect(await again(code)).toBe(409)
})

test('an answer that is asked for again and again is one row in the ledger', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'lin@example.com')
  const before = app.newBrowser()
  before.cookie = browser.cookie
  const { signIn } = (await browser.verify(code)).body as { signIn: { id: string } }
  for (let time = 1; time <= 10; time++) {
    const again = app.newBrowser()
    again.cookie = before.cookie
    expect((await again.verify(code)).status).toBe(200)
  }

  const rows = await app.store.query(
    "SELECT 1 FROM ledger WHERE event = 'sign_in_repeated' AND signInId = ?",
    [signIn.id],
  )
  expect(rows).toHaveLength(1)
})
