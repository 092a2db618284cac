import { seal } from '@holdfast/core'
import { addMail, addVerification, dumpStore, readStore } from '@holdfast/store/testing'
import { beforeEach, expect, test } from 'vitest'
import { whenItHangs } from './hanging.ts'
import { firstSecret, type RunningApp, ringOf, secondSecret, startApp } from './running-app.ts'

let app: RunningApp

beforeEach(async () => {
  app = await startApp({ random: () => 0 })
  return () => app[Symbol.asyncDispose]()
})

/** A mail that another process, which has the second key already, left in the outbox. */
async function leaveMail(email: string, kid = app.keys.current().signingKid): Promise<void> {
  const { nowMs } = app.clock
  const ahead = ringOf(secondSecret, firstSecret)
  const verificationId = await addVerification(app.store, { nowMs, kid, email })
  await addMail(app.store, {
    nowMs,
    kid: ahead.signingKid,
    verificationId,
    email,
    sealed: seal(ahead, 'outbox', verificationId, '123456'),
  })
}

/** Lets the outbox look at its rows, and resolves once it has settled the one to that address. */
async function runOutbox(email: string): Promise<void> {
  const isSettled = app.outbox.nextHandOver(email, whenItHangs())
  app.outbox.wake()
  await isSettled
}

const rows = () =>
  readStore(app.storePath, 'SELECT delivery, tries, sealed IS NULL AS isWiped FROM codes ORDER BY email')
const events = () =>
  readStore(app.storePath, "SELECT event FROM ledger WHERE event LIKE 'code_%' ORDER BY id")

test('a mail that is sealed with a key that another process has already is mailed at the first try', async () => {
  app.keySource.use(secondSecret, firstSecret)
  await leaveMail('ada@example.com')
  await runOutbox('ada@example.com')

  expect(app.mails.all).toMatchObject([{ to: 'ada@example.com', code: '123456' }])
  expect(rows()).toEqual([{ delivery: 'sent', tries: 1, isWiped: 1 }])
  expect(app.log.events('info')).toContainEqual(
    expect.objectContaining({ message: 'key ring reloaded', cause: 'unknown_kid' }),
  )
})

test('a mail whose key is not known yet is delayed and kept, and mailed once the ring has it', async () => {
  await leaveMail('ada@example.com')
  await runOutbox('ada@example.com')
  expect(app.mails.all).toEqual([])
  expect(rows()).toEqual([{ delivery: 'delayed', tries: 1, isWiped: 0 }])
  expect(app.log.events('warn')).toMatchObject([
    { message: 'code delayed', reply: 'the code is sealed with a key that is not in the key ring' },
  ])

  await app.rotateTo(secondSecret, firstSecret)
  app.advance(2_000)
  await runOutbox('ada@example.com')

  expect(app.mails.all).toMatchObject([{ to: 'ada@example.com', code: '123456' }])
  expect(rows()).toEqual([{ delivery: 'sent', tries: 2, isWiped: 1 }])
  expect(events()).toEqual([{ event: 'code_delayed' }, { event: 'code_handed_over' }])
})

test('a mail whose key never comes is tried with growing pauses, and kept', async () => {
  await leaveMail('ada@example.com')
  for (const pauseMs of [2_000, 4_000, 8_000]) {
    await runOutbox('ada@example.com')
    const [due] = readStore(app.storePath, 'SELECT dueAtMs FROM codes')
    expect(Number(due?.dueAtMs) - app.clock.nowMs).toBe(pauseMs)
    app.advance(pauseMs)
  }

  expect(rows()).toEqual([{ delivery: 'delayed', tries: 3, isWiped: 0 }])
  expect(app.mails.all).toEqual([])
})

test('a mail whose key was revoked is not sent and not kept', async () => {
  await app.rotateTo(secondSecret, firstSecret)
  const leaked = app.keys.current().signingKid
  await app.revokeKey()
  // Written by a process that had not heard of it yet.
  await leaveMail('ada@example.com')
  await runOutbox('ada@example.com')

  expect(app.keys.current().whyMissing(leaked)).toBe('key_revoked')
  expect(app.mails.all).toEqual([])
  expect(rows()).toEqual([{ delivery: 'failed', tries: 1, isWiped: 1 }])
  expect(events()).toEqual([{ event: 'code_not_deliverable' }])
})

test('a mail that waits for a key holds up no other', async () => {
  await leaveMail('ada@example.com')
  await runOutbox('ada@example.com')
  const { code } = await app.beginVerification(app.newBrowser(), 'bob@example.com')

  expect(code).toMatch(/^\d{6}$/)
  expect(rows()).toMatchObject([{ delivery: 'delayed' }, { delivery: 'sent' }])
})

test('R28: while its mail is handed over a code stands in no row of the store as it is, and after that not even sealed', async () => {
  const email = 'ada@example.com'
  const isTaken = Promise.withResolvers<void>()
  app.mails.answer = async () => {
    await isTaken.promise
    return { delivery: 'sent', reply: '250 OK' }
  }
  const isSettled = app.outbox.nextHandOver(email, whenItHangs())
  await app.newBrowser().send(email)
  const { code } = await app.mails.next(email)

  const stored = JSON.stringify(dumpStore(app.storePath))
  expect(rows()).toEqual([{ delivery: 'queued', tries: 1, isWiped: 0 }])
  expect(stored).toContain(email)
  expect(stored).not.toMatch(new RegExp(`(?<![\\w-])${code}(?![\\w-])`))
  isTaken.resolve()
  await isSettled
  expect(rows()).toEqual([{ delivery: 'sent', tries: 1, isWiped: 1 }])
})
