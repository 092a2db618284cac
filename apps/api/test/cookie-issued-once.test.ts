import { beforeAll, expect, test, vi } from 'vitest'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

test('a session is issued its cookie with its first code, and not again with the next', async () => {
  const browser = app.newBrowser()

  const first = await browser.send('ada@example.com')
  const again = await browser.send('ada@example.com')

  expect([first.status, again.status]).toEqual([202, 202])
  expect([first.setCookies.length, again.setCookies.length]).toEqual([1, 0])
})

test('a session whose cookie an older key has signed is issued a new one with its next code', async () => {
  const browser = app.newBrowser()
  await browser.send('bob@example.com')
  const older = browser.cookie
  await app.rotate()

  const again = await browser.send('bob@example.com')

  expect(again.setCookies).toHaveLength(1)
  expect(browser.cookie).not.toBe(older)
})

test('a session whose cookie is a day old is issued it anew with its next code', async () => {
  const browser = app.newBrowser()
  await browser.send('eve@example.com')
  const over = Date.now() + 86_400_000
  const now = vi.spyOn(Date, 'now').mockReturnValue(over)

  const again = await browser.send('eve@example.com')
  now.mockRestore()

  expect(again.setCookies).toHaveLength(1)
})
