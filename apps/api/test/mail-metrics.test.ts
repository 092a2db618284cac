import { beforeEach, expect, test } from 'vitest'
import { leaveMail } from './another-outbox.ts'
import { exchange } from './http-exchange.ts'
import { readSamples } from './prometheus-text.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeEach(async () => {
  app = await startApp({ random: () => 0 })
  return () => app[Symbol.asyncDispose]()
})

/** What is measured of mails, by name and label. */
async function measured(): Promise<Record<string, number>> {
  const answer = await exchange({
    port: app.port,
    method: 'GET',
    path: '/metrics',
    headers: { Host: 'localhost' },
  })
  expect(answer.status).toBe(200)
  const ofMails = readSamples(answer.text).filter(({ name }) => /_(outbox|mail)_/.test(name))
  return Object.fromEntries(
    ofMails.map(({ name, labels, value }) => [
      [name.slice('holdfast_'.length), ...Object.values(labels)].join(' '),
      value,
    ]),
  )
}

test('tries are counted by what came of them, and one that nothing came of yet is there as 0', async () => {
  for (const delivery of ['sent', 'delayed', 'failed', 'sent'] as const) {
    app.mails.answer = () => ({ delivery, reply: '' })
    await app.beginVerification(app.newBrowser(), 'ada@example.com')
  }

  expect(await measured()).toMatchObject({
    'outbox_attempts_total sent': 2,
    'outbox_attempts_total delayed': 1,
    'outbox_attempts_total failed': 1,
    'outbox_attempts_total unknown': 0,
    outbox_expired_total: 0,
  })
})

test('the time from the request to the reply is counted in seconds, of mails that were taken over', async () => {
  for (const [delivery, ms] of [
    ['sent', 20],
    ['sent', 300],
    ['failed', 40],
    ['sent', 700_000],
  ] as const) {
    app.mails.answer = () => {
      app.advance(ms)
      return { delivery, reply: '' }
    }
    await app.beginVerification(app.newBrowser(), 'ada@example.com')
  }

  expect(await measured()).toMatchObject({
    'outbox_hand_over_seconds_bucket 0.01': 0,
    'outbox_hand_over_seconds_bucket 0.025': 1,
    'outbox_hand_over_seconds_bucket 0.25': 1,
    'outbox_hand_over_seconds_bucket 0.5': 2,
    'outbox_hand_over_seconds_bucket 600': 2,
    'outbox_hand_over_seconds_bucket +Inf': 3,
    outbox_hand_over_seconds_count: 3,
    outbox_hand_over_seconds_sum: 700.32,
  })
})

test('mails that wait are counted with the age of the oldest, and none once their codes have expired', async () => {
  await app.outbox.stop(0)
  expect(await measured()).toMatchObject({ outbox_queued: 0, outbox_oldest_age_seconds: 0 })
  await leaveMail(app, 'ada@example.com')
  app.advance(90_500)
  await leaveMail(app, 'bob@example.com')
  expect(await measured()).toMatchObject({ outbox_queued: 2, outbox_oldest_age_seconds: 90.5 })

  app.advance(600_000)
  expect(await measured()).toMatchObject({ outbox_queued: 0, outbox_oldest_age_seconds: 0 })
})

test('a fault of the mail server shows until a mail is handed over again', async () => {
  app.mails.answer = () => ({ delivery: 'delayed', reply: '', isServersFault: true })
  await app.beginVerification(app.newBrowser(), 'ada@example.com')
  expect(await measured()).toMatchObject({ mail_server_up: 0 })

  app.mails.answer = () => ({ delivery: 'sent', reply: '' })
  await app.beginVerification(app.newBrowser(), 'bob@example.com')
  expect(await measured()).toMatchObject({ mail_server_up: 1 })
})

test('while the store does not answer, what stands in it is left out, and the rest is there', async () => {
  app.closeStore()

  const samples = await measured()
  expect(samples).not.toHaveProperty('outbox_queued')
  expect(samples).toMatchObject({ 'outbox_attempts_total sent': 0, outbox_hand_over_seconds_count: 0 })
})
