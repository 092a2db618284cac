import { readStore } from '@holdfast/store/testing'
import { beforeAll, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { expectNotCached } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

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

/** Puts the session id that a browser's cookie names in its place. */
function sessionIdOf(browser: Browser): string {
  return browser.cookie?.split('.')[2] ?? ''
}

async function whyAnonymous(browser: Browser): Promise<unknown> {
  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
  const { session } = (await browser.call('GET', '/auth/session-debug')).body as {
    session: { reason: string }
  }
  return session.reason
}

test('logout answers 204, removes the cookie with all its attributes and ends the sign-in', async () => {
  const browser = await signedIn('ada@example.com')
  const { cookie } = browser

  const answer = await browser.logout()

  expect(answer.status).toBe(204)
  expect(answer.text).toBe('')
  expectNotCached(answer)
  expect(answer.setCookies).toEqual([
    'holdfast=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; samesite=lax; httponly',
  ])
  browser.cookie = cookie
  expect(await whyAnonymous(browser)).toBe('signed_out')
})

test('logout without a session is 204 and sets no cookie', async () => {
  const answer = await app.newBrowser().logout({})

  expect(answer.status).toBe(204)
  expect(answer.setCookies).toEqual([])
})

test('logout before the code was typed cancels the verification', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  const { cookie } = browser
  await browser.logout()
  browser.cookie = cookie

  expect((await browser.verify(code)).body).toMatchObject({ reason: 'verification_cancelled' })
})

test('logout ends this sign-in only', async () => {
  const here = await signedIn('bob@example.com')
  const there = await signedIn('bob@example.com')
  await here.logout()

  expect((await there.session()).body.state).toBe('signed_in')
})

test('logout everywhere ends every sign-in of the account and no other', async () => {
  const here = await signedIn('cy@example.com')
  const there = await signedIn('cy@example.com')
  const other = await signedIn('dee@example.com')

  expect((await here.logout({ everywhere: true })).status).toBe(204)

  expect(await whyAnonymous(there)).toBe('signed_out')
  expect((await other.session()).body.state).toBe('signed_in')
})

test('logout everywhere while another code is pending ends the sign-ins too', async () => {
  const here = await signedIn('eve@example.com')
  const there = await signedIn('eve@example.com')
  app.advance(1)
  const { code } = await app.beginVerification(here, 'fay@example.com')
  const { cookie } = here
  await here.logout({ everywhere: true })

  expect((await there.session()).body).toEqual({ state: 'anonymous' })
  here.cookie = cookie
  expect((await here.verify(code)).status).toBe(409)
})

test('0.2: a session blob that a slow request writes back after logout revives no sign-in', async () => {
  const browser = await signedIn('ada@example.com')
  const { cookie } = browser
  const sessionId = sessionIdOf(browser)
  const found = await app.blobs.get(sessionId)
  expect(found).toMatchObject({ ok: true, blob: { signInId: expect.any(String) } })

  await browser.logout()
  if (found.ok) await app.blobs.set(sessionId, found.blob)

  browser.cookie = cookie
  expect(await app.blobs.get(sessionId)).toEqual(found)
  expect(await whyAnonymous(browser)).toBe('signed_out')
})

test('0.2: of a logout and fifty requests at once none leaves the session signed in', async () => {
  for (let round = 0; round < 10; round++) {
    const browser = await signedIn('ada@example.com')
    const { cookie } = browser
    const busy = () => browser.call('GET', '/auth/session', undefined, { Cookie: cookie })
    const asking = () =>
      browser.call('POST', '/auth/otp/send', { email: `slow-${round}@example.com` }, { Cookie: cookie })
    await Promise.all([
      ...Array.from({ length: 25 }, busy),
      asking(),
      browser.call('POST', '/auth/logout', undefined, { Cookie: cookie }),
      asking(),
      ...Array.from({ length: 23 }, busy),
    ])
    browser.cookie = cookie
    await browser.call('DELETE', '/auth/otp', undefined, { Cookie: cookie })

    expect((await browser.call('GET', '/auth/session', undefined, { Cookie: cookie })).body).toEqual({
      state: 'anonymous',
    })
  }
})

test('a blob that names the sign-in of another session signs nobody in', async () => {
  const victim = await signedIn('victim@example.com')
  const victimBlob = await app.blobs.get(sessionIdOf(victim))
  const attacker = await signedIn('attacker@example.com')
  if (victimBlob.ok) await app.blobs.set(sessionIdOf(attacker), victimBlob.blob)

  expect((await attacker.session()).body).toEqual({ state: 'anonymous' })
  expect((await victim.session()).body.state).toBe('signed_in')
})

test('a sign-in over another in the same browser ends the earlier one', async () => {
  const browser = await signedIn('first@example.com')
  const { cookie } = browser
  app.advance(1)
  await browser.signIn(app, 'second@example.com')

  expect((await browser.session()).body).toMatchObject({ account: { email: 'second@example.com' } })
  browser.cookie = cookie
  expect(await whyAnonymous(browser)).toBe('signed_out')
})

test('logout is in the ledger once, with its reason', async () => {
  const browser = await signedIn('ledger@example.com')
  const { signIn } = (await browser.session()).body as { signIn: { id: string } }
  await browser.logout()
  await browser.logout()

  expect(readStore(app.storePath, 'SELECT event, reason FROM ledger WHERE signInId = ?', signIn.id)).toEqual([
    { event: 'signed_in', reason: null },
    { event: 'signed_out', reason: 'signed_out' },
  ])
})
