import { readStore } from '@holdfast/store/testing'
import { beforeAll, expect, test } from 'vitest'
import { expectProblem } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

const noResendWait = { OTP_RESEND_SECONDS: '0' }
let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

test('a sign-out with the token that the code was sent with ends the sign-in that it led to', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  const before = browser.cookie
  await browser.verify(code)
  const signedIn = browser.cookie

  browser.cookie = before
  expect((await browser.logout()).status).toBe(204)

  browser.cookie = before
  expect((await browser.verify(code)).body).toMatchObject({ reason: 'verification_used' })
  browser.cookie = signedIn
  expect((await browser.session()).body.state).toBe('anonymous')
})

test('of a sign-out and a right code at once, no sign-in outlives the sign-out', async () => {
  for (let round = 0; round < 20; round++) {
    const browser = app.newBrowser()
    const email = `racer-${round}@example.com`
    const { code } = await app.beginVerification(browser, email)
    const [verified] = await Promise.all([browser.verify(code), browser.logout()])

    browser.cookie = verified.setCookies[0]?.split(';')[0]
    expect((await browser.session()).body.state).toBe('anonymous')
  }
})

test('a new send leaves nothing of the old verification to be mailed', async () => {
  const browser = app.newBrowser()
  await browser.send('typo@example.com')
  await browser.send('right@example.com')

  const waiting =
    'SELECT 1 FROM codes JOIN verifications ON id = verificationId WHERE sealed IS NOT NULL AND state <> ?'
  expect(readStore(app.storePath, waiting, 'pending')).toEqual([])
  const cancelled = "SELECT count(*) AS count FROM ledger WHERE event = 'verification_cancelled'"
  expect(readStore(app.storePath, cancelled)).not.toEqual([{ count: 0 }])
})

test('of a resend and a cancel at once, a resend that is refused stores no code', async () => {
  await using impatient = await startApp({ environment: noResendWait })
  for (let round = 0; round < 10; round++) {
    const browser = impatient.newBrowser()
    await impatient.beginVerification(browser, `waverer-${round}@example.com`)
    const [resent] = await Promise.all([browser.resend(), browser.call('DELETE', '/auth/otp')])
    const stored = `SELECT count(*) AS count FROM codes WHERE email = 'waverer-${round}@example.com'`

    expect(readStore(impatient.storePath, stored)).toEqual([{ count: resent.status === 202 ? 2 : 1 }])
  }
})

test('of a guess and a new send at once, the guess costs the new verification no try', async () => {
  for (let round = 0; round < 10; round++) {
    const browser = app.newBrowser()
    const { code } = await app.beginVerification(browser, `hasty-${round}@example.com`)
    const [guessed] = await Promise.all([
      browser.verify(wrongCode(code)),
      browser.send(`hasty-${round}@example.net`),
    ])

    expect(guessed.body.code).not.toBe('too_many_attempts')
    expect((await browser.session()).body.verification).toMatchObject({ attemptsLeft: 5 })
  }
})

test.each(['/AUTH/session', '/Auth/session'])(
  'GET %s, in another spelling, names no session',
  async (path) => {
    const browser = app.newBrowser()
    await browser.signIn(app, 'ada@example.com')

    expect((await browser.call('GET', path)).text).not.toContain('ada@example.com')
  },
)

test('a request target that is no URL is refused with a problem', async () => {
  expectProblem(await app.newBrowser().call('GET', 'http://['), 400, 'bad_request')
})

test.each(['/dev/mail', '/auth/session-debug'])(
  '%s is not there for a request that names a public host',
  async (path) => {
    await using exposed = await startApp({ environment: { PUBLIC_ORIGIN: 'https://login.example.com' } })
    const browser = exposed.newBrowser()

    expect((await browser.call('GET', path, undefined, { Host: 'login.example.com' })).status).toBe(404)
    const answer = await browser.call('GET', path, undefined, { Host: 'localhost:3000' })
    expect(answer.status).toBe(200)
  },
)
