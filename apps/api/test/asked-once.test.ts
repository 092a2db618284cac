import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { readStore } from '@holdfast/store/testing'
import { beforeAll, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { expectProblem } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp({ environment: { LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '30' } })
  return () => app[Symbol.asyncDispose]()
})

const sendAs = (browser: Browser, email: string, idempotencyKey: string, more: object = {}) =>
  browser.call('POST', '/auth/otp/send', { email, ...more }, { 'Idempotency-Key': idempotencyKey })

const resendAs = (browser: Browser, idempotencyKey: string) =>
  browser.call('POST', '/auth/otp/resend', undefined, { 'Idempotency-Key': idempotencyKey })

const codesOf = (email: string) =>
  readStore(app.storePath, 'SELECT "number" FROM "codes" WHERE "email" = ?', email)
const spentBy = (email: string) =>
  readStore(app.storePath, 'SELECT "count" FROM "limits" WHERE "key" = ?', `send|mailbox|hour|${email}`)

test('a first send whose answer was lost, cookie and all, is the same one when it is repeated', async () => {
  const email = 'first@example.com'
  const key = randomUUID()
  const lost = app.newBrowser()
  const first = await sendAs(lost, email, key)
  const mail = await app.mails.next(email)
  await app.settled(email)
  app.advance(5_000)

  const browser = app.newBrowser()
  const repeated = await sendAs(browser, email, key)

  expect([repeated.status, browser.cookie]).toEqual([202, lost.cookie])
  expect(repeated.body).toEqual({
    state: 'code_sent',
    verification: { ...(first.body.verification as object), delivery: 'sent' },
  })
  expect([codesOf(email), spentBy(email)]).toEqual([[{ number: 1 }], [{ count: 1 }]])
  expect((await browser.verify(mail.code)).body).toMatchObject({ state: 'signed_in', account: { email } })
})

test('a bearer is given the same session again, in quotes or without', async () => {
  const email = 'bearer@example.com'
  const key = randomUUID()
  const first = await sendAs(app.newBrowser(), email, `"${key}"`, { transport: 'bearer' })
  const repeated = await sendAs(app.newBrowser(), email, key, { transport: 'bearer' })
  expect([repeated.body.token, repeated.setCookies]).toEqual([first.body.token, []])
  expect(codesOf(email)).toHaveLength(1)
})

test('of twenty at once that are the same request, one asks for a code, and each is answered as that one', async () => {
  const email = 'twenty@example.com'
  const key = randomUUID()
  const browsers = Array.from({ length: 20 }, () => app.newBrowser())
  const answers = await Promise.all(browsers.map((browser) => sendAs(browser, email, key)))

  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202))
  const references = answers.map(({ body }) => (body.verification as { reference: string }).reference)
  expect(new Set(references).size).toBe(1)
  expect(new Set(browsers.map(({ cookie }) => cookie)).size).toBe(1)
  expect([codesOf(email), spentBy(email)]).toEqual([[{ number: 1 }], [{ count: 1 }]])
})

test('of ten resends at once that are the same request, one asks for a code, and each is answered as that one', async () => {
  const email = 'resent@example.com'
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  app.advance(30_000)
  const key = randomUUID()
  const answers = await Promise.all(Array.from({ length: 10 }, () => resendAs(browser, key)))
  app.advance(1_000)
  answers.push(await resendAs(browser, key))

  for (const { status, body } of answers) {
    expect(status).toBe(202)
    expect(body).toMatchObject({ verification: { sends: 2 } })
  }
  expect([codesOf(email), spentBy(email)]).toEqual([[{ number: 1 }, { number: 2 }], [{ count: 2 }]])
  expectProblem(await resendAs(browser, randomUUID()), 429, 'rate_limited')
})

test('the same key with another address, another type or in another session is another request', async () => {
  const key = randomUUID()
  const browser = app.newBrowser()
  const references = new Set<unknown>()
  const ask = async (from: Browser, email: string, type: string) => {
    const { body } = await sendAs(from, email, key, { type })
    references.add((body.verification as { reference: string }).reference)
  }
  await ask(browser, 'one@example.com', 'login')
  await ask(browser, 'one@example.com', 'signup')
  await ask(browser, 'other@example.com', 'login')
  const stranger = app.newBrowser()
  await stranger.send('stranger@example.com')
  await ask(stranger, 'other@example.com', 'login')
  expect(references.size).toBe(4)
})

test('a key leads nobody else into the session: not with another address, nor as another kind of client', async () => {
  const key = randomUUID()
  const victim = app.newBrowser()
  await sendAs(victim, 'victim@example.com', key)
  const { cookie } = victim
  const sessionId = cookie?.split('.')[2]

  const thief = app.newBrowser()
  await sendAs(thief, 'thief@example.com', key)
  const bearer = await sendAs(app.newBrowser(), 'victim@example.com', key, { transport: 'bearer' })
  const byHeader = await app
    .newBrowser()
    .call(
      'POST',
      '/auth/otp/send',
      { email: 'victim@example.com' },
      { 'Idempotency-Key': key, Authorization: 'Bearer x' },
    )
  expect(thief.cookie?.split('.')[2]).not.toBe(sessionId)
  for (const { body } of [bearer, byHeader]) expect(String(body.token).split('.')[2]).not.toBe(sessionId)
  expect((await victim.session()).body).toMatchObject({ verification: { email: 'v•••@example.com' } })
})

test('a request whose verification is over counts as a new one, in the same session', async () => {
  const email = 'over@example.com'
  const key = randomUUID()
  const browser = app.newBrowser()
  const first = await sendAs(browser, email, key)
  await browser.call('DELETE', '/auth/otp')

  const again = await sendAs(browser, email, key)
  expect(again.body).toMatchObject({ state: 'code_sent', verification: { sends: 1 } })
  expect(again.body.verification).not.toMatchObject(first.body.verification as object)
})

test.each([
  ['has expired', async () => app.advance(600_000)],
  [
    'has no tries left',
    async (browser: Browser, code: string) => {
      for (let at = 1; at <= 5; at += 1) await browser.verify(wrongCode(code, at))
    },
  ],
])('a request whose verification %s counts as a new one, and begins another session', async (what, end) => {
  const email = `${what.replaceAll(' ', '-')}@example.com`
  const key = randomUUID()
  const first = app.newBrowser()
  await sendAs(first, email, key)
  await end(first, (await app.mails.next(email)).code)

  const again = app.newBrowser()
  expect((await sendAs(again, email, key)).body).toMatchObject({ verification: { attemptsLeft: 5 } })
  expect(again.cookie).not.toBe(first.cookie)
  expect((await again.verify((await app.mails.next(email)).code)).status).toBe(200)
})

test('an old copy of a request leads nowhere near the sign-in that came of it', async () => {
  const email = 'signed-in@example.com'
  const key = randomUUID()
  const person = app.newBrowser()
  await sendAs(person, email, key)
  const { cookie } = person
  await person.verify((await app.mails.next(email)).code)

  const thief = app.newBrowser()
  await sendAs(thief, email, key)
  expect(thief.cookie).not.toBe(cookie)
  await thief.logout()
  expect((await person.session()).body).toMatchObject({ state: 'signed_in', account: { email } })
})

test('a late copy of a request for another address, without a cookie, does not touch what has replaced it', async () => {
  const key = randomUUID()
  const person = app.newBrowser()
  await sendAs(person, 'mistyped@example.com', key)
  const { cookie } = person
  await sendAs(person, 'right@example.com', randomUUID())
  const { code } = await app.mails.next('right@example.com')

  const late = app.newBrowser()
  await sendAs(late, 'mistyped@example.com', key)
  expect(late.cookie).not.toBe(cookie)
  expect((await person.verify(code)).status).toBe(200)
})

test('of twelve at once that are the same request, none is told that the last send of a budget is spent', async () => {
  await using tight = await startApp({ environment: { LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '1' } })
  const key = randomUUID()
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => sendAs(tight.newBrowser(), 'tight@example.com', key)),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(202))
})

test('resends that are the same request cost one send, also where nobody has to wait for another', async () => {
  await using quick = await startApp({
    environment: { OTP_RESEND_SECONDS: '0', LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '30' },
  })
  const email = 'quick@example.com'
  const browser = quick.newBrowser()
  await quick.beginVerification(browser, email)
  const key = randomUUID()
  const answers = await Promise.all(
    Array.from({ length: 15 }, async (_, at) => {
      for (let turn = 0; turn < at * 3; turn += 1) await setImmediate()
      return resendAs(browser, key)
    }),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(15).fill(202))
  const spent = readStore(
    quick.storePath,
    'SELECT "count" FROM "limits" WHERE "key" = ?',
    `send|mailbox|hour|${email}`,
  )
  expect(spent).toEqual([{ count: 2 }])
})

test.each([
  ['shorter than 128 bits need', 'abc'],
  ['with other characters', `${'a'.repeat(30)} b`],
  ['endless', 'a'.repeat(129)],
  ['with one quote', `"${'a'.repeat(30)}`],
])('a key that is %s is refused, and nothing is begun', async (_what, key) => {
  const browser = app.newBrowser()
  const answer = await sendAs(browser, 'nobody@example.com', key)
  expectProblem(answer, 422, 'invalid_request')
  expect(answer.body.errors).toMatchObject([{ path: 'Idempotency-Key' }])
  expect([codesOf('nobody@example.com'), browser.cookie]).toEqual([[], undefined])
})

test('a form that is sent twice, as by a double click, mails one code', async () => {
  const email = 'form@example.com'
  const fields = { step: 'send', email, idempotency_key: randomUUID() }
  const [first, second] = [app.newBrowser(), app.newBrowser()]
  const answers = await Promise.all([first.post('/sign-in', fields), second.post('/sign-in', fields)])
  expect(answers.map(({ status, headers }) => [status, headers.location])).toEqual(
    Array(2).fill([303, '/sign-in']),
  )
  expect(second.cookie).toBe(first.cookie)
  expect(codesOf(email)).toHaveLength(1)
})
