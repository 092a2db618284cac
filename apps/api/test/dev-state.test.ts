import { recordServerStart } from '@holdfast/store'
import { expect, test } from 'vitest'
import { startApp } from './running-app.ts'

test('the state has the process, the session, its story and the key ring', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'canary@example.com')
  const kid = app.keys.current().signingKid
  await browser.verify(code === '000000' ? '000001' : '000000')
  await browser.verify(code)

  const answer = await browser.call('GET', '/dev/state')

  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.body).toMatchObject({
    server: {
      instance: null,
      version: '0.0.0',
      pid: process.pid,
      now: new Date(app.clock.nowMs).toISOString(),
    },
    session: { holds: true, reason: null, view: { state: 'signed_in' } },
    story: {
      reference: expect.stringMatching(/^HF-/),
      email: 'c•••@example.com',
      state: 'signed_in',
      reason: null,
      sentence: expect.stringContaining('You have been signed in since'),
    },
    keyRing: {
      ringId: app.keys.record.ringId,
      keys: [{ kid, state: 'active', signs: true, neededBy: { signIns: 1, verifications: 0, mails: 0 } }],
    },
    store: { generation: app.store.generation, liveSignIns: 1, pendingVerifications: 0 },
  })
  const { events } = answer.body.story as { events: { event: string; text: string }[] }
  expect(events.map(({ event }) => event)).toEqual([
    'code_asked',
    'code_handed_over',
    'guess_wrong',
    'signed_in',
  ])
  expect(events[2]?.text).toBe('a wrong code was entered: try 1 of 5')
})

test('the story tells of a restart in between, and the state of the server that has come', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  app.advance(1_000)
  const server = { instance: 'k3jw8xya', version: '0.1.0', pid: process.pid, startedAtMs: app.clock.nowMs }
  const life = { ...server, journalMode: 'wal', synchronous: 2 }
  await app.store.write(...recordServerStart(life, app.keys.current().signingKid))
  app.advance(1_000)

  const { body } = await browser.call('GET', '/dev/state')

  expect(body.server).toMatchObject({ instance: 'k3jw8xya' })
  expect((body.story as { events: { event: string }[] }).events.map(({ event }) => event)).toEqual([
    'code_asked',
    'code_handed_over',
    'server_started',
  ])
})

test('the story of a reference that is asked for is told instead of the own one', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'canary@example.com')
  const { verification } = (await browser.session()).body as { verification: { reference: string } }
  const ask = async (reference: string) =>
    (await app.newBrowser().call('GET', `/dev/state?reference=${reference}`)).body

  expect(await ask(verification.reference)).toMatchObject({
    session: { presented: null, reason: 'cookie_missing' },
    story: { reference: verification.reference, state: 'waiting', email: 'c•••@example.com' },
  })
  expect(await ask('HF-0000-0000')).toMatchObject({ story: null })
  expect(await ask('')).toMatchObject({ story: null })
})

test('a sign-in that an operator ended keeps its story, with the reason', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  await app.store.query("UPDATE signIns SET endedAtMs = ?, endReason = 'ended_by_operator'", [
    app.clock.nowMs,
  ])

  const { body } = await browser.call('GET', '/dev/state')

  expect(body).toMatchObject({
    session: { view: { state: 'anonymous' }, reason: 'ended_by_operator' },
    story: { state: 'over', reason: 'ended_by_operator' },
  })
})

test('the state holds no code, MAC, seal, session id or full address', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'canary@example.com')
  const { text } = await browser.call('GET', '/dev/state')
  const [row] = await app.store.query(
    'SELECT mac, sessionKey FROM codes JOIN verifications ON id = verificationId',
    [],
  )
  const { mac: codeMac, sessionKey } = row as { mac: string; sessionKey: string }
  const [, , sessionId = '', mac = ''] = browser.cookie?.split('.') ?? []

  expect(sessionId).toHaveLength(51)
  for (const secret of [sessionId, mac, codeMac, sessionKey, `"${code}"`, 'canary@']) {
    expect(text).not.toContain(secret)
  }
})

test('looking at the state is no use of the sign-in, and leaves nothing in the ledger', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const rows = () =>
    app.store.query('SELECT (SELECT count(*) FROM ledger) AS told, lastSeenAtMs FROM signIns', [])
  const before = await rows()

  app.advance(60_000)
  for (const path of ['/dev', '/dev/mail', '/dev/state', '/dev/pulse', '/dev/mailbox']) {
    expect((await browser.call('GET', path)).status).toBe(200)
  }

  expect(await rows()).toEqual(before)
})
