import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

interface Entry {
  event: string
  kid: string | null
  reason: string | null
  detail: unknown
}

function entriesOf(app: RunningApp): Entry[] {
  const sql = "SELECT event, kid, reason, detail FROM ledger WHERE event <> 'key_ring_created' ORDER BY id"
  return readStore(app.storePath, sql).map(({ detail, ...entry }) => ({
    ...(entry as Omit<Entry, 'detail'>),
    detail: detail === null ? null : JSON.parse(String(detail)),
  }))
}

test('the ledger tells which code was mailed and how, which try was wrong and which key signed', async () => {
  await using app = await startApp()
  const kid = app.keys.current().signingKid
  const browser = app.newBrowser()
  const mail = await app.beginVerification(browser, 'ada@example.com')
  await browser.verify(wrongCode(mail.code))
  const { cookie } = browser
  await browser.verify(mail.code)
  browser.cookie = cookie
  await browser.verify(mail.code)

  expect(entriesOf(app).filter(({ event }) => event !== 'rejected')).toEqual([
    {
      event: 'code_asked',
      kid,
      reason: null,
      detail: { reference: expect.stringMatching(/^HF-/), type: 'login' },
    },
    {
      event: 'code_handed_over',
      kid: null,
      reason: null,
      detail: { number: 1, tries: 1, ms: expect.any(Number), delivery: 'sent', reply: expect.any(String) },
    },
    { event: 'guess_wrong', kid: null, reason: null, detail: { try: 1, of: 5 } },
    { event: 'signed_in', kid, reason: null, detail: null },
    { event: 'sign_in_repeated', kid, reason: null, detail: null },
  ])
})

test('the ledger tells the number of a code that was asked for again', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  app.advance(60_000)
  await browser.resend()

  expect(entriesOf(app)).toContainEqual({
    event: 'code_asked_again',
    kid: app.keys.current().signingKid,
    reason: null,
    detail: { number: 2 },
  })
})

test('a sign-in that gives way to the next one in its browser ends in the ledger', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const first = await app.beginVerification(browser, 'ada@example.com')
  await browser.verify(first.code)
  const second = await app.beginVerification(browser, 'ada@example.com')
  const { signIn } = (await browser.verify(second.code)).body as { signIn: { id: string } }

  const ended = entriesOf(app).filter(({ event }) => event === 'signed_out')

  expect(ended).toEqual([
    {
      event: 'signed_out',
      kid: app.keys.current().signingKid,
      reason: 'signed_out',
      detail: { replacedBy: signIn.id },
    },
  ])
})

test('the end of a sign-in names its key, whichever way it ends', async () => {
  await using app = await startApp()
  const [one, other] = [app.newBrowser(), app.newBrowser()]
  await one.signIn(app, 'ada@example.com')
  const { signIn } = (await other.signIn(app, 'ada@example.com')).body as { signIn: { id: string } }
  await one.call('DELETE', `/auth/sessions/${signIn.id}`)
  await one.call('POST', '/auth/logout')

  const ended = entriesOf(app).filter(({ event }) => event === 'signed_out' || event === 'sign_in_ended')

  const kid = app.keys.current().signingKid
  expect(ended).toMatchObject([
    { event: 'sign_in_ended', kid, reason: 'ended_by_user' },
    { event: 'signed_out', kid, reason: 'signed_out' },
  ])
})
