import { readStore } from '@holdfast/store/testing'
import { beforeEach, expect, test } from 'vitest'
import { leaveMail, openOutbox } from './another-outbox.ts'
import { hangingMs } from './hanging.ts'
import { type RunningApp, startApp } from './running-app.ts'

const hourMs = 3_600_000

let app: RunningApp

beforeEach(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

const rows = () => readStore(app.storePath, 'SELECT delivery, sealed IS NULL AS isWiped FROM codes')

/** Another outbox on the same rows, with an uptime of its own; `polled` resolves when it has looked once more. */
function startOutbox() {
  const time = { upMs: 0 }
  let wakeUp = () => {}
  const outbox = openOutbox(app, {
    uptime() {
      wakeUp()
      return time.upMs
    },
  })
  const polled = () =>
    new Promise<void>((resolve) => {
      wakeUp = resolve
    })
  return { outbox, time, polled }
}

test('a clock that was an hour or a year ahead for a while costs no mail', async () => {
  await app.outbox.stop(0)
  await leaveMail(app, 'ada@example.com')
  app.advance(365 * 24 * hourMs)
  const { outbox, polled } = startOutbox()
  outbox.start()
  await polled()
  await polled()
  expect(rows()).toEqual([{ delivery: 'queued', isWiped: 0 }])

  app.advance(-365 * 24 * hourMs)
  outbox.wake()

  expect(await app.mails.next('ada@example.com')).toMatchObject({ code: '123456' })
})

test('a mail that was asked for on a clock an hour ahead goes out once the clock was set back', async () => {
  await app.outbox.stop(0)
  app.advance(hourMs)
  await leaveMail(app, 'ada@example.com')
  app.advance(-hourMs)
  const { outbox } = startOutbox()
  outbox.start()

  expect(await app.mails.next('ada@example.com')).toMatchObject({ code: '123456' })
})

test('a clock that is set back while a mail is handed over does not have it handed over twice', async () => {
  await app.outbox.stop(0)
  const reply = Promise.withResolvers<void>()
  app.mails.answer = async () => {
    await reply.promise
    return { delivery: 'sent', reply: '250 OK' }
  }
  app.advance(hourMs)
  await leaveMail(app, 'ada@example.com')
  const { outbox } = startOutbox()
  outbox.start()
  await app.mails.next('ada@example.com')
  app.advance(-hourMs)
  // The claim that takes this one meets the other too.
  await leaveMail(app, 'eve@example.com')
  outbox.wake()
  await app.mails.next('eve@example.com')
  reply.resolve()
  await outbox.stop(hangingMs)

  expect(app.mails.all.map(({ to }) => to)).toEqual(['ada@example.com', 'eve@example.com'])
})

test('R28: a code that has expired is wiped once the clock has run on for ten minutes without a jump', async () => {
  await app.outbox.stop(0)
  await leaveMail(app, 'ada@example.com')
  const { outbox, time, polled } = startOutbox()
  app.advance(2 * hourMs)
  time.upMs = 2 * hourMs
  outbox.start()
  await polled()
  await polled()

  // What the second look has brought about may not be stored yet.
  await expect.poll(rows, { timeout: hangingMs }).toEqual([{ delivery: 'failed', isWiped: 1 }])
})
