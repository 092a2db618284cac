import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hangingMs } from './hanging.ts'
import { type RunningApp, startApp } from './running-app.ts'

const email = 'ada@example.com'
let app: RunningApp

/* The outbox looks for mails every second. Here that second never comes. */
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  app = await startApp()
})

afterEach(async () => {
  vi.useRealTimers()
  await app[Symbol.asyncDispose]()
})

test('the mail of a code goes out at once: send and resend wake the outbox', async () => {
  const browser = app.newBrowser()
  await browser.send(email)
  expect(await app.mails.next(email)).toMatchObject({ to: email })

  app.advance(30_000)
  await browser.resend()
  expect(await app.mails.next(email)).toMatchObject({ to: email })
})

test('mails that found no room go out as soon as there is some', async () => {
  const answers: (() => void)[] = []
  app.mails.answer = () =>
    new Promise((resolve) => answers.push(() => resolve({ delivery: 'sent', reply: '250 OK' })))
  const emails = Array.from({ length: app.mails.capacity + 5 }, (_, index) => `person-${index}@example.com`)
  await Promise.all(emails.map((each) => app.newBrowser().send(each)))
  await expect.poll(() => app.mails.all, { timeout: hangingMs }).toHaveLength(app.mails.capacity)

  for (const answer of answers.splice(0)) answer()
  await expect.poll(() => app.mails.all, { timeout: hangingMs }).toHaveLength(emails.length)
  for (const answer of answers) answer()
})
