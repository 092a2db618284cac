import { openStore } from '@holdfast/store'
import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import type { HandOver } from '../src/mail/mail-transport.ts'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { leaveMail, openOutbox } from './another-outbox.ts'
import { hangingMs, whenItHangs } from './hanging.ts'
import { RecordedMails } from './recorded-mails.ts'
import { noDeadline, type RunningApp, startApp } from './running-app.ts'
import { startSmtpPeer } from './smtp-peer.ts'

/** An outbox with a connection of its own to the store, as another process has one. */
async function openNeighbour(app: RunningApp, url: string, instance: string, stores: DisposableStack) {
  const store = stores.adopt(await openStore(app.storePath), (opened) => opened.close())
  const transport = createSmtpTransport({ url, from: 'Acme <a@example.com>' })
  return openOutbox(app, { store, transport, instance, deadlineAfter: noDeadline })
}

test('three outboxes on one store hand over each of 300 mails once', async () => {
  await using app = await startApp()
  await using peer = await startSmtpPeer()
  // They are closed before the app goes, and its folder with it.
  using stores = new DisposableStack()
  await app.outbox.stop(0)
  const addresses = Array.from({ length: 300 }, (_, number) => `person-${number}@example.com`)
  await Promise.all(addresses.map((email) => leaveMail(app, email)))
  const outboxes = await Promise.all(
    ['one', 'two', 'three'].map((name) => openNeighbour(app, peer.url, name, stores)),
  )
  const signal = whenItHangs()
  const allSent = addresses.map((email) =>
    Promise.any(outboxes.map((box) => box.nextHandOver(email, signal))),
  )
  for (const outbox of outboxes) outbox.start()
  await Promise.all(allSent)
  await Promise.all(outboxes.map((outbox) => outbox.stop(hangingMs)))

  expect(peer.mails.flatMap(({ to }) => to).sort()).toEqual(addresses.sort())
  const summary =
    'SELECT delivery, tries, sealed IS NULL AS isWiped, leasedBy, COUNT(*) AS count FROM codes GROUP BY 1, 2, 3, 4'
  expect(readStore(app.storePath, summary)).toEqual([
    { delivery: 'sent', tries: 1, isWiped: 1, leasedBy: null, count: 300 },
  ])
})

test('a process that comes back after its lease has run out does not undo what another did meanwhile', async () => {
  await using app = await startApp()
  await app.outbox.stop(0)
  const verificationId = await leaveMail(app, 'ada@example.com')
  const slow = new RecordedMails()
  const reply = Promise.withResolvers<HandOver>()
  slow.answer = () => reply.promise
  const sleeper = openOutbox(app, { instance: 'sleeper', transport: slow })
  const lateResult = sleeper.nextHandOver('ada@example.com', whenItHangs())
  sleeper.wake()
  await slow.next('ada@example.com')
  app.advance(15_000)
  const other = openOutbox(app, { instance: 'other' })
  const isSent = other.nextHandOver('ada@example.com', whenItHangs())
  other.wake()
  await isSent
  reply.resolve({ delivery: 'delayed', reply: '451 later' })
  await lateResult

  expect(readStore(app.storePath, 'SELECT delivery, sealed FROM codes')).toEqual([
    { delivery: 'sent', sealed: null },
  ])
  expect(
    readStore(app.storePath, `SELECT event FROM ledger WHERE verificationId = '${verificationId}'`),
  ).toEqual([{ event: 'code_interrupted' }, { event: 'code_handed_over' }, { event: 'code_delayed' }])
})
