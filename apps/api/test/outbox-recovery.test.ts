import { recordServerLoss, recordServerStart } from '@holdfast/store'
import { readStore } from '@holdfast/store/testing'
import { beforeEach, expect, test } from 'vitest'
import { leaveMail, openOutbox } from './another-outbox.ts'
import { hangingMs, whenItHangs } from './hanging.ts'
import { type RunningApp, startApp } from './running-app.ts'

const email = 'ada@example.com'
const leaseMs = 15_000
let app: RunningApp

beforeEach(async () => {
  app = await startApp()
  await app.outbox.stop(0)
  return () => app[Symbol.asyncDispose]()
})

const rows = () => readStore(app.storePath, 'SELECT delivery, tries, leasedBy FROM codes ORDER BY email')
const events = () =>
  readStore(app.storePath, "SELECT event, detail FROM ledger WHERE event LIKE 'code_%' ORDER BY id").map(
    ({ event, detail }) => ({ event, ...JSON.parse(String(detail)) }),
  )

/** A mail that the server of that name was handing over when it was last heard of. */
function leaveLeased(address: string, leasedBy: string): Promise<string> {
  const dueAtMs = app.clock.nowMs + leaseMs
  return leaveMail(app, address, { leasedBy, tries: 1, dueAtMs })
}

/** A start has found that the server of that name was killed. */
async function findKilled(instance: string): Promise<void> {
  const { nowMs } = app.clock
  const server = { instance, version: '0', pid: 1, startedAtMs: nowMs, journalMode: 'wal', synchronous: 2 }
  await app.store.write(...recordServerStart(server, app.keys.current().signingKid))
  await recordServerLoss(app.store, server, { event: 'server_crashed', lastAliveAtMs: nowMs }, nowMs)
}

test('F3: what a server was handing over when it was killed may have arrived, and is mailed as soon as that is found', async () => {
  await leaveLeased(email, 'killed')
  await findKilled('killed')
  expect(rows()).toEqual([{ delivery: 'unknown', tries: 1, leasedBy: null }])

  openOutbox(app).wake()
  expect(await app.mails.next(email)).toMatchObject({ code: '123456' })
  expect(events()).toMatchObject([{ event: 'code_interrupted', number: 1, tries: 1, instance: 'killed' }])
})

test('what a neighbour that lives is handing over is left to it', async () => {
  await leaveLeased('bob@example.com', 'alive')
  await leaveLeased(email, 'killed')
  await findKilled('killed')

  openOutbox(app).wake()
  await app.mails.next(email)
  expect(app.mails.all).toHaveLength(1)
  expect(rows()[1]).toEqual({ delivery: 'queued', tries: 1, leasedBy: 'alive' })
})

test('F3: of a server whose end nobody has found, the lease runs out, and the mail may have arrived', async () => {
  await leaveLeased(email, 'lost')
  const outbox = openOutbox(app)
  const reply = Promise.withResolvers<void>()
  app.mails.answer = async () => {
    await reply.promise
    return { delivery: 'sent', reply: '250 OK' }
  }
  app.advance(leaseMs)
  outbox.wake()
  await app.mails.next(email)

  expect(rows()).toEqual([{ delivery: 'unknown', tries: 2, leasedBy: 'another' }])
  const isSent = outbox.nextHandOver(email, whenItHangs())
  reply.resolve()
  await isSent
  expect(rows()).toEqual([{ delivery: 'sent', tries: 2, leasedBy: null }])
  expect(events()).toMatchObject([
    { event: 'code_interrupted', instance: 'lost' },
    { event: 'code_handed_over', tries: 2 },
  ])
})

/** An outbox that takes so long between the claim of its first mail and the hand-over. */
function openSlowOutbox(pauseMs: number) {
  let claims = 0
  const outbox = openOutbox(app, {
    keyRing() {
      claims += 1
      if (claims === 1) app.advance(pauseMs)
      return app.keys.current()
    },
  })
  outbox.wake()
  const isPutBack = () =>
    expect
      .poll(() => ({ claims, rows: rows() }), { timeout: hangingMs })
      .toEqual({ claims: 1, rows: [{ delivery: 'queued', tries: 0, leasedBy: null }] })
  return { outbox, isPutBack }
}

test('a process that stood still after it took a mail does not hand it over on a lease that may run out', async () => {
  await leaveMail(app, email)
  const { outbox, isPutBack } = openSlowOutbox(6_000)
  await isPutBack()
  expect(app.mails.all).toEqual([])

  outbox.wake()
  expect(await app.mails.next(email)).toMatchObject({ code: '123456' })
})

test('a code that expires between the claim and the hand-over is not mailed', async () => {
  await leaveMail(app, email)
  const { isPutBack } = openSlowOutbox(600_000)
  await isPutBack()

  expect(app.mails.all).toEqual([])
})
