import { expect, test } from 'vitest'
import type { Answer } from './http-exchange.ts'
import { wrongCode } from './recorded-mails.ts'
import { startApp } from './running-app.ts'

/*
 * R46, draft-ietf-httpapi-ratelimit-headers-11: a caller is told of its own network and its own verification, and
 * never how much of the budget of an address others have spent.
 */

const email = 'ada@example.com'

const told = ({ headers }: Answer) => ({
  policy: headers['ratelimit-policy'],
  state: headers.ratelimit,
  retryAfter: headers['retry-after'],
})

test('a send tells what its network has left and until when, down to the refusal', async () => {
  await using app = await startApp({ environment: { LIMIT_SENDS_PER_IP_PER_HOUR: '2' } })
  const policy = '"network";q=2;w=3600'
  expect(told(await app.newBrowser().send(email))).toEqual({ policy, state: '"network";r=1;t=3600' })
  app.advance(600_500)
  expect(told(await app.newBrowser().send(email))).toEqual({ policy, state: '"network";r=0;t=3000' })

  expect(told(await app.newBrowser().send(email))).toEqual({
    policy,
    state: '"network";r=0;t=3000',
    retryAfter: '3000',
  })
})

test('A20: a send that the budget of an address refuses tells when to come again, and not whose budget it was', async () => {
  await using app = await startApp({
    environment: { LIMIT_SENDS_PER_IP_PER_HOUR: '9', LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '1' },
  })
  expect(told(await app.newBrowser().send(email)).state).toBe('"network";r=8;t=3600')

  const refused = await app.newBrowser().send(email)

  expect(told(refused)).toEqual({ policy: '"send";q=1', state: '"send";r=0;t=3600', retryAfter: '3600' })
  expect(JSON.stringify(refused.headers)).not.toMatch(/address|mailbox/)
})

test('a resend tells of the wait between two codes, and a resend that is sent of its network', async () => {
  await using app = await startApp({ environment: { LIMIT_SENDS_PER_IP_PER_HOUR: '9' } })
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  app.advance(10_000)
  expect(told(await browser.resend())).toEqual({
    policy: '"resend";q=1;w=30',
    state: '"resend";r=0;t=20',
    retryAfter: '20',
  })
  app.advance(20_000)

  expect(told(await browser.resend())).toEqual({
    policy: '"network";q=9;w=3600',
    state: '"network";r=7;t=3570',
  })
})

test('a guess tells the tries that its verification has left', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  const policy = '"tries";q=5'
  for (const left of [4, 3, 2, 1, 0]) {
    expect(told(await browser.verify(wrongCode(code)))).toEqual({ policy, state: `"tries";r=${left}` })
  }

  expect(told(await browser.verify(code))).toEqual({ policy, state: '"tries";r=0', retryAfter: '1' })
  expect(told(await browser.resend())).toEqual({ policy, state: '"tries";r=0', retryAfter: '1' })
})

test('a guess that has to wait tells until when', async () => {
  await using app = await startApp({ environment: { LIMIT_WRONG_PER_ADDRESS_PER_DAY: '1' } })
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, email)
  await browser.verify(wrongCode(code))

  const waits = told(await browser.verify(code))

  expect(waits).toEqual({ policy: '"verify";q=1', state: '"verify";r=0;t=60', retryAfter: '60' })
})

test('without limits, and on answers that no limit is about, there are no such headers', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const none = { policy: undefined, state: undefined, retryAfter: undefined }
  expect(told(await browser.send(email))).toEqual(none)
  const { code } = await app.mails.next(email)
  expect(told(await browser.session())).toEqual(none)
  expect(told(await browser.verify('12'))).toEqual(none)

  expect(told(await browser.verify(code))).toEqual(none)
})
