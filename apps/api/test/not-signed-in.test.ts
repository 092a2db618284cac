import { beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { firstSecret, type RunningApp, secondSecret, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

async function signedIn(email: string): Promise<Browser> {
  const browser = app.newBrowser()
  await browser.signIn(app, email)
  return browser
}

describe.each([
  ['GET', '/auth/sessions'],
  ['DELETE', '/auth/sessions/x'],
  ['GET', '/auth/check'],
])('%s %s', (method, path) => {
  test('without a session is 401 with the reason and a challenge', async () => {
    const answer = await app.newBrowser().call(method, path)

    expectProblem(answer, 401, 'not_signed_in')
    expectNotCached(answer)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(answer.body).toMatchObject({
      reason: 'cookie_missing',
      detail: expect.stringMatching(/^Please sign in\./),
    })
  })

  test('while a first code is pending is 401, and tells the reference of the verification', async () => {
    const browser = app.newBrowser()
    await app.beginVerification(browser, 'pending@example.com')
    const { verification } = (await browser.session()).body as { verification: { reference: string } }

    expect((await browser.call(method, path)).body).toMatchObject({
      status: 401,
      reason: 'never_started',
      reference: verification.reference,
    })
  })

  test('while a signed-in person asks for another code is answered as signed in, and after a wrong guess', async () => {
    const browser = await signedIn('asks-again@example.com')
    app.advance(1)
    const { code } = await app.beginVerification(browser, 'asks-again@example.org')
    await browser.verify(wrongCode(code))

    expect((await browser.session()).body.state).toBe('code_sent')
    expect((await browser.call(method, path)).status).not.toBe(401)
  })

  test('tells the reference that belongs to a sign-in which has ended', async () => {
    const browser = app.newBrowser()
    await app.beginVerification(browser, 'ended@example.com')
    const { verification } = (await browser.session()).body as { verification: { reference: string } }
    await browser.verify(app.mails.all.at(-1)?.code ?? '')
    const { cookie } = browser
    await browser.logout()
    browser.cookie = cookie

    expect((await browser.call(method, path)).body).toMatchObject({
      status: 401,
      reason: 'signed_out',
      reference: verification.reference,
    })
  })

  test('without a store is 503 and not 401, and keeps the cookie', async () => {
    await using lost = await startApp()
    const browser = lost.newBrowser()
    await browser.signIn(lost, 'ada@example.com')
    const { cookie } = browser
    lost.closeStore()
    const answer = await browser.call(method, path)

    expectProblem(answer, 503, 'store_unavailable')
    expectNotCached(answer)
    expect(browser.cookie).toBe(cookie)
  })

  test('moves a session to the key that signs now', async () => {
    await using rotated = await startApp()
    const browser = rotated.newBrowser()
    await browser.signIn(rotated, 'ada@example.com')
    await rotated.rotateTo(secondSecret, firstSecret)
    await browser.call(method, path)

    expect(browser.cookie?.split('.')[1]).toBe(rotated.keys.current().signingKid)
    expect((await browser.session()).body.state).toBe('signed_in')
  })
})
