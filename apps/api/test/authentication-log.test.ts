import { pseudonymOf } from '@holdfast/core'
import { expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { whenItHangs } from './hanging.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

const email = 'canary@example.com'
const isEvent =
  /^(code (asked|asked again|sent)|verification cancelled|guess wrong|signed (in|out)|sign-in (repeated|ended))$/

/** The authentication events that the log tells, in order. */
function eventsOf(app: RunningApp) {
  return app.log.events('info').filter(({ message }) => isEvent.test(String(message)))
}

/** What a person and her other browser do, so that each event happens. */
async function everyEvent(app: RunningApp) {
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  await browser.call('DELETE', '/auth/otp')
  app.advance(1)
  const { code } = await app.beginVerification(browser, email)
  const { reference } = ((await browser.session()).body as { verification: { reference: string } })
    .verification
  const before = browser.cookie
  app.advance(30_000)
  const isHandedOver = app.outbox.nextHandOver(email, whenItHangs())
  await browser.resend()
  await isHandedOver
  await app.mails.next(email)
  await browser.verify(wrongCode(code))
  await browser.verify(code)
  const signedIn = browser.cookie
  browser.cookie = before
  await browser.verify(code)
  browser.cookie = signedIn
  const there = await signInElsewhere(app)
  const { signIn } = (await there.session()).body as { signIn: { id: string } }
  await browser.call('DELETE', `/auth/sessions/${signIn.id}`)
  await browser.logout()
  return { reference, code, tokens: [before, signedIn, there.cookie] }
}

async function signInElsewhere(app: RunningApp): Promise<Browser> {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  await browser.verify(code)
  return browser
}

test('R56: each authentication event is one line, with the reference, the name of the address, and the key', async () => {
  await using app = await startApp()
  const { reference } = await everyEvent(app)
  const events = eventsOf(app)

  expect(events.map(({ message }) => message)).toEqual([
    'code asked',
    'code sent',
    'verification cancelled',
    'code asked',
    'code sent',
    'code asked again',
    'code sent',
    'guess wrong',
    'signed in',
    'sign-in repeated',
    'code asked',
    'code sent',
    'signed in',
    'sign-in ended',
    'signed out',
  ])
  const to = pseudonymOf(app.store.pseudonymKey, email)
  const kid = app.keys.current().signingKid
  for (const event of events) {
    expect(event).toMatchObject({ reference: expect.stringMatching(/^HF-/), to, kid })
  }
  const ofSecond = events.filter((event) => event.reference === reference).map(({ message }) => message)
  expect(ofSecond).toEqual([
    'code asked',
    'code sent',
    'code asked again',
    'code sent',
    'guess wrong',
    'signed in',
    'sign-in repeated',
    'signed out',
  ])
})

test('R56: an event that a request brings carries its id and the network that it came from', async () => {
  await using app = await startApp({ environment: { TRUST_PROXY: '127.0.0.1' } })
  const headers = { 'X-Forwarded-For': '2001:db8:1:2:3::4' }
  const answer = await app.newBrowser().call('POST', '/auth/otp/send', { email }, headers)

  expect(eventsOf(app)[0]).toMatchObject({
    message: 'code asked',
    requestId: answer.headers['x-request-id'],
    network: '2001:db8:1:2::/64',
  })
})

test('R57: no event holds the address, a code, a token or the id of a session', async () => {
  await using app = await startApp({ isProduction: true })
  const { code, tokens } = await everyEvent(app)
  const text = JSON.stringify(eventsOf(app).map(({ requestId, time, to, ...rest }) => rest))
  const secrets = [code, 'canary', ...tokens.flatMap((token) => token?.split('.').slice(2) ?? [])]

  expect(secrets).toHaveLength(8)
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
})

test('a sign-in over another tells that the earlier one is signed out, and what replaced it', async () => {
  await using app = await startApp()
  const browser = await signInElsewhere(app)
  app.advance(1)
  const { code } = await app.beginVerification(browser, 'other@example.com')
  const { signIn } = (await browser.verify(code)).body as { signIn: { id: string } }

  expect(eventsOf(app).filter(({ message }) => message === 'signed out')).toMatchObject([
    { to: pseudonymOf(app.store.pseudonymKey, email), replacedBy: signIn.id },
  ])
})

test('signing out everywhere tells each sign-in that it ends, and signing out twice tells it once', async () => {
  await using app = await startApp()
  const [here, there] = [await signInElsewhere(app), await signInElsewhere(app)]
  const { cookie } = here
  await here.logout({ everywhere: true })
  here.cookie = cookie
  await here.logout()
  await there.logout()

  expect(eventsOf(app).filter(({ message }) => message === 'signed out')).toHaveLength(2)
})

test('nothing is told that did not happen', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.verify('123456')
  await browser.resend()
  await browser.logout()
  await browser.call('DELETE', '/auth/otp')
  await browser.send('not an address')

  expect(eventsOf(app)).toEqual([])
})

test('a sign-in that has outlived its verification is told, ended and refused by the same reference', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  const { reference } = ((await browser.session()).body as { verification: { reference: string } })
    .verification
  await browser.verify(app.mails.all[0]?.code ?? '')
  const { cookie } = browser
  // As the purge does a week after a verification is over, while its sign-in goes on.
  await app.store.query('DELETE FROM verifications', [])

  expect((await browser.logout()).status).toBe(204)
  expect(eventsOf(app).at(-1)).toMatchObject({ message: 'signed out', reference })
  browser.cookie = cookie
  expect((await browser.call('GET', '/auth/check')).body).toMatchObject({ reason: 'signed_out', reference })

  await app.store.query("DELETE FROM ledger WHERE event = 'code_asked'", [])
  const refused = await browser.call('GET', '/auth/check')
  expect(refused.body.reason).toBe('signed_out')
  expect(refused.body).not.toHaveProperty('reference')
})
