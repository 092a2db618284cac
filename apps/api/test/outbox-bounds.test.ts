import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { leaveMail, openOutbox } from './another-outbox.ts'
import { noDeadline, startApp } from './running-app.ts'
import { startSmtpPeer } from './smtp-peer.ts'

const minuteMs = 60_000
const addressesOf = (count: number) =>
  Array.from({ length: count }, (_, number) => `person-${number}@example.com`)

test('R27: of 60 mails ten are in hand at once, over five connections, also where the mail server hangs', async () => {
  let connections = 0
  let hanging = 0
  const allHang = Promise.withResolvers<void>()
  await using peer = await startSmtpPeer({
    script(step) {
      if (step === 'greeting') connections += 1
      if (step !== '.') return undefined
      hanging += 1
      if (hanging === 5) allHang.resolve()
      return 'hang'
    },
  })
  await using app = await startApp()
  await app.outbox.stop(0)
  await Promise.all(addressesOf(60).map((email) => leaveMail(app, email)))
  const transport = createSmtpTransport({ url: peer.url, from: 'Acme <a@example.com>' })
  const outbox = openOutbox(app, { transport, deadlineAfter: noDeadline })
  const leased = () => readStore(app.storePath, 'SELECT email FROM codes WHERE leasedBy IS NOT NULL').length

  outbox.wake()
  await allHang.promise
  expect(leased()).toBe(10)
  await outbox.stop(0)

  expect(connections).toBe(5)
  expect(leased()).toBe(0)
  expect(await outbox.readBacklog()).toMatchObject({ waiting: 60 })
})

test('F16: in an hour without a mail server the queue grows to the budget and no further, and what expires leaves it', async () => {
  await using app = await startApp({ environment: { LIMIT_SENDS_PER_HOUR: '20' } })
  app.mails.answer = () => ({ delivery: 'delayed', reply: 'connect ECONNREFUSED', isServersFault: true })
  const statuses: number[] = []
  const waiting: number[] = []
  const send = async (email: string) => {
    statuses.push((await app.newBrowser().send(email)).status)
    waiting.push((await app.outbox.readBacklog()).waiting)
  }

  for (const email of addressesOf(10)) await send(email)
  app.advance(5 * minuteMs)
  for (const email of addressesOf(15)) await send(email)
  expect(statuses).toEqual([...Array(20).fill(202), ...Array(5).fill(429)])
  expect(waiting).toEqual([...Array(21).keys()].slice(1).concat(Array(5).fill(20)))

  const left = []
  for (let minute = 6; minute < 60; minute += 1) {
    app.advance(minuteMs)
    await send('late@example.com')
    left.push(waiting.at(-1))
  }
  expect(new Set(statuses.slice(20))).toEqual(new Set([429]))
  expect(left).toEqual([...Array(4).fill(20), ...Array(5).fill(10), ...Array(45).fill(0)])
})
