import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import type { Outbox } from '../src/mail/outbox.ts'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { leaveMail, openOutbox } from './another-outbox.ts'
import type { Browser } from './browser.ts'
import { hangingMs, whenItHangs } from './hanging.ts'
import { noDeadline, type RunningApp, startApp } from './running-app.ts'
import { startSmtpPeer } from './smtp-peer.ts'

const minuteMs = 60_000

const deliveryOf = async (browser: Browser) =>
  ((await browser.session()).body as { verification: { delivery: string } }).verification.delivery

const isTriedBy = (outbox: Outbox, email: string) => outbox.nextHandOver(email, whenItHangs())
const isTried = (app: RunningApp, email: string) => isTriedBy(app.outbox, email)

test('F16: while the mail server is down for an hour mails are delayed, what expired is never sent, and it goes on by itself', async () => {
  await using peer = await startSmtpPeer()
  await using app = await startApp({ mail: createSmtpTransport({ url: peer.url, from: 'a@example.com' }) })
  await peer.close()
  const people = Array.from({ length: 60 }, (_, minute) => ({
    email: `person-${minute}@example.com`,
    browser: app.newBrowser(),
  }))
  for (const { email, browser } of people) {
    const tried = isTried(app, email)
    expect((await browser.send(email)).status).toBe(202)
    await tried
    expect(await deliveryOf(browser)).toBe('delayed')
    app.advance(minuteMs)
  }
  await peer.open()
  app.advance(30_000)
  const alive = people.slice(-9)
  app.outbox.wake()
  // A try that the outage had begun to fail may be noted after this: it does not count.
  const deliveries = () => Promise.all(alive.map(({ browser }) => deliveryOf(browser)))
  await expect.poll(deliveries, { timeout: hangingMs }).toEqual(Array(9).fill('sent'))

  expect(peer.mails.flatMap(({ to }) => to).sort()).toEqual(alive.map(({ email }) => email).sort())
  const expired = people.slice(0, -9)
  expect(new Set(await Promise.all(expired.slice(-40).map(({ browser }) => deliveryOf(browser))))).toEqual(
    new Set(['failed']),
  )
  const outage = app.log
    .events('error')
    .filter(({ message }) => String(message).startsWith('the mail server'))
  expect(outage).toHaveLength(1)
  expect(app.log.events('warn')).toContainEqual(
    expect.objectContaining({ message: 'the mail server takes mails again' }),
  )
})

test('the first mail that gets through brings all others forward that the outage had put off', async () => {
  await using peer = await startSmtpPeer()
  await using app = await startApp()
  await app.outbox.stop(0)
  const transport = createSmtpTransport({ url: peer.url, from: 'a@example.com' })
  const outbox = openOutbox(app, { transport, random: () => 0, deadlineAfter: noDeadline })
  const signal = whenItHangs()
  await peer.close()
  const addresses = Array.from({ length: 30 }, (_, number) => `person-${number}@example.com`)
  await Promise.all(addresses.map((email) => leaveMail(app, email)))
  const failed = addresses.map((email) => outbox.nextHandOver(email, signal))
  outbox.wake()
  await Promise.all(failed)
  const due = new Set(readStore(app.storePath, 'SELECT dueAtMs FROM codes').map(({ dueAtMs }) => dueAtMs))
  expect(due).toEqual(new Set([app.clock.nowMs + 2_000]))

  await peer.open()
  await leaveMail(app, 'newcomer@example.com')
  const sent = addresses.map((email) => outbox.nextHandOver(email, signal))
  outbox.wake()
  await Promise.all(sent)
  expect(peer.mails).toHaveLength(31)
  expect(peer.mails[0]?.to).toEqual(['newcomer@example.com'])
})

test('what a greylisting puts off is not brought forward by the mails of others', async () => {
  await using app = await startApp({ random: () => 0 })
  app.mails.answer = ({ to }) =>
    to === 'grey@example.com'
      ? { delivery: 'delayed', reply: '450 4.2.0 greylisted' }
      : { delivery: 'sent', reply: '250 OK' }
  await app.beginVerification(app.newBrowser(), 'grey@example.com')
  await app.beginVerification(app.newBrowser(), 'ada@example.com')

  const [grey] = readStore(app.storePath, "SELECT dueAtMs FROM codes WHERE email = 'grey@example.com'")
  expect(grey).toEqual({ dueAtMs: app.clock.nowMs + 2_000 })
})

test('a mail to which the server was silent is not hurried by mails of others that get through', async () => {
  await using app = await startApp({ random: () => 0 })
  app.mails.answer = ({ to }) =>
    to === 'slow@example.com'
      ? { delivery: 'unknown', reply: 'no answer in time', isServersFault: true, isUnanswered: true }
      : { delivery: 'sent', reply: '250 OK' }
  // By the third one, whatever the second has brought about is stored.
  for (const email of ['slow@example.com', 'ada@example.com', 'bob@example.com']) {
    const isTried = app.outbox.nextHandOver(email, whenItHangs())
    await app.newBrowser().send(email)
    await isTried
  }

  const [slow] = readStore(app.storePath, "SELECT dueAtMs FROM codes WHERE email = 'slow@example.com'")
  expect(slow).toEqual({ dueAtMs: app.clock.nowMs + 60_000 })
})

test('of two codes that an outage held up, each says which it is of how many, and when it was asked for', async () => {
  const email = 'ada@example.com'
  await using app = await startApp()
  await app.outbox.stop(0)
  const outbox = openOutbox(app)
  const browser = app.newBrowser()
  const askedAtMs = [app.clock.nowMs, app.clock.nowMs + minuteMs]
  app.mails.answer = () => ({ delivery: 'delayed', reply: '451 later' })
  await browser.send(email)
  const tried = isTriedBy(outbox, email)
  outbox.wake()
  const alone = await app.mails.next(email)
  await tried

  app.advance(minuteMs)
  await browser.resend()
  app.mails.answer = () => ({ delivery: 'sent', reply: '250 OK' })
  outbox.wake()
  const mails = [await app.mails.next(email), await app.mails.next(email)]

  const [first, second] = askedAtMs.map((ms) => `${new Date(ms).toISOString().slice(11, 16)} UTC`)
  expect(alone.text).toContain(`Asked for at ${first}.`)
  const texts = new Map(mails.map(({ messageId, text }) => [messageId, text]))
  expect(texts.get(alone.messageId)).toContain(`Code 1 of 2, asked for at ${first}.`)
  texts.delete(alone.messageId)
  expect([...texts.values()]).toEqual([expect.stringContaining(`Code 2 of 2, asked for at ${second}.`)])
})

/** How long 30 mails wait after they were put off together. */
async function waitsMs(options: { random?: () => number }): Promise<unknown[]> {
  await using app = await startApp()
  await app.outbox.stop(0)
  app.mails.answer = () => ({ delivery: 'delayed', reply: '451 later' })
  const outbox = openOutbox(app, options)
  const addresses = Array.from({ length: 30 }, (_, number) => `person-${number}@example.com`)
  await Promise.all(addresses.map((email) => leaveMail(app, email)))
  const tried = addresses.map((email) => isTriedBy(outbox, email))
  outbox.wake()
  await Promise.all(tried)
  const rows = readStore(app.storePath, 'SELECT dueAtMs FROM codes')
  return rows.map(({ dueAtMs }) => Number(dueAtMs) - app.clock.nowMs)
}

test('chance takes a part of the wait of a mail, and of each another one', async () => {
  expect(new Set(await waitsMs({ random: () => 0.5 }))).toEqual(new Set([1_500]))
  expect(new Set(await waitsMs({})).size).toBeGreaterThan(1)
})
