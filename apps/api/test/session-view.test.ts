import { beforeAll, expect, test } from 'vitest'
import { expectNotCached } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

const iso = (timeMs: number) => new Date(timeMs).toISOString()
const codeSent = (changes: object = {}) => ({
  state: 'code_sent',
  verification: {
    reference: expect.stringMatching(/^HF-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/),
    type: 'login',
    email: 'a•••@example.com',
    sentAt: iso(app.clock.nowMs),
    expiresAt: iso(app.clock.nowMs + 600_000),
    resendAt: iso(app.clock.nowMs + 30_000),
    sends: 1,
    attemptsLeft: 5,
    codeLength: 6,
    delivery: 'queued',
    ...changes,
  },
})

test('a session that never asked is anonymous, and gets no cookie for asking', async () => {
  const answer = await app.newBrowser().session()

  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({ state: 'anonymous' })
  expect(answer.setCookies).toEqual([])
  expectNotCached(answer)
})

test('send answers 202 with exactly the view of a code that was sent, and nothing else', async () => {
  const answer = await app.newBrowser().send(' Anna@Example.COM ')

  expect(answer.status).toBe(202)
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(answer.body).toEqual(codeSent())
  expectNotCached(answer)
})

test('send keeps the type that was asked for', async () => {
  const answer = await app.newBrowser().send('anna@example.com', { type: 'signup', transport: 'cookie' })

  expect(answer.body).toEqual(codeSent({ type: 'signup' }))
})

test('GET /auth/session answers the same view, once handed over with delivery sent', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')

  const answer = await browser.session()

  expect(answer.status).toBe(200)
  expect(answer.body).toEqual(codeSent({ delivery: 'sent' }))
  expect(answer.setCookies).toEqual([])
})

test('a wrong guess shows in the view as one try less', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  await browser.verify(wrongCode(code))

  expect((await browser.session()).body).toEqual(codeSent({ delivery: 'sent', attemptsLeft: 4 }))
})

test.each([
  ['delayed', 'delayed'],
  ['failed', 'failed'],
  ['unknown', 'unknown'],
] as const)('a mail that was %s shows in the view as %s', async (delivery, shown) => {
  app.mails.answer = () => ({ delivery, reply: '' })
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  app.mails.answer = () => ({ delivery: 'sent', reply: '' })

  expect((await browser.session()).body).toEqual(codeSent({ delivery: shown }))
})

test('verify answers 200 with exactly the view of a sign-in, and the session answers the same', async () => {
  const browser = app.newBrowser()
  const answer = await browser.signIn(app, 'ada@example.com')

  const signedIn = {
    state: 'signed_in',
    account: { id: expect.stringMatching(/^[\w-]{22}$/), email: 'ada@example.com' },
    signIn: {
      id: expect.stringMatching(/^[\w-]{22}$/),
      authTime: iso(app.clock.nowMs),
      expiresAt: iso(app.clock.nowMs + 30 * 86_400_000),
      amr: ['otp'],
    },
  }
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual(signedIn)
  expectNotCached(answer)
  expect((await browser.session()).body).toEqual(answer.body)
})

test('the same address is the same account again, another one is not', async () => {
  const first = await app.newBrowser().signIn(app, 'cy@example.com')
  const again = await app.newBrowser().signIn(app, 'cy@example.com')
  const other = await app.newBrowser().signIn(app, 'dee@example.com')

  expect(again.body.account).toEqual(first.body.account)
  expect(again.body.signIn).not.toEqual(first.body.signIn)
  expect(other.body.account).not.toEqual(first.body.account)
})

test('HEAD /auth/session answers as GET does, without the body', async () => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')

  const answer = await browser.call('HEAD', '/auth/session')

  expect(answer.status).toBe(200)
  expect(answer.text).toBe('')
  expectNotCached(answer)
})

test('a new send replaces the old verification: its code is wrong, the new one is right', async () => {
  const browser = app.newBrowser()
  const old = await app.beginVerification(browser, 'old@example.com')
  app.advance(1)
  const next = await app.beginVerification(browser, 'new@example.com')

  const refused = await browser.verify(old.code === next.code ? wrongCode(old.code) : old.code)
  expect(refused.body).toMatchObject({ status: 403, code: 'code_incorrect', attemptsLeft: 4 })
  expect((await browser.verify(next.code)).body).toMatchObject({ account: { email: 'new@example.com' } })
})

test('a new send within the same millisecond replaces the old verification too', async () => {
  for (let round = 0; round < 20; round++) {
    const browser = app.newBrowser()
    await app.beginVerification(browser, `old-${round}@example.com`)
    const { code } = await app.beginVerification(browser, `new-${round}@example.com`)

    expect((await browser.session()).body).toMatchObject({ state: 'code_sent' })
    expect((await browser.verify(code)).body).toMatchObject({ state: 'signed_in' })
  }
})

test('a new send replaces the old verification after the clock was set back', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  app.advance(-60_000)
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  const answer = await browser.verify(code)
  app.advance(60_000)

  expect(answer.body).toMatchObject({ state: 'signed_in' })
})

test('a send from a session that is signed in keeps the sign-in until the new code is verified', async () => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  app.advance(1)
  const { code } = await app.beginVerification(browser, 'bob@example.com')

  expect((await browser.session()).body.state).toBe('code_sent')
  await browser.call('DELETE', '/auth/otp')
  expect((await browser.session()).body).toMatchObject({ account: { email: 'ada@example.com' } })
  expect((await browser.verify(code)).body).toMatchObject({ reason: 'verification_cancelled' })
})
