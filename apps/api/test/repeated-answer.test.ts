import { beforeAll, expect, test } from 'vitest'
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
