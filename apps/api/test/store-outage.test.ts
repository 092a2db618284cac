import { DatabaseSync } from 'node:sqlite'
import { dumpStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { firstSecret, type RunningApp, secondSecret, startApp } from './running-app.ts'

/** Another process that holds the write lock, until it lets go. */
function lockStore(app: RunningApp): () => void {
  const other = new DatabaseSync(app.storePath)
  other.exec('BEGIN EXCLUSIVE')
  return () => {
    other.exec('ROLLBACK')
    other.close()
  }
}

function rename(app: RunningApp, table: string, name: string): void {
  const other = new DatabaseSync(app.storePath)
  other.exec(`ALTER TABLE ${table} RENAME TO ${name}`)
  other.close()
}

const writes: [name: string, call: (browser: Browser) => ReturnType<Browser['call']>][] = [
  ['send', (browser) => browser.send('bob@example.com')],
  ['resend', (browser) => browser.resend()],
  ['verify', (browser) => browser.verify('000000')],
  ['cancel', (browser) => browser.call('DELETE', '/auth/otp')],
  ['logout', (browser) => browser.logout()],
  ['logout everywhere', (browser) => browser.logout({ everywhere: true })],
]

test.each(writes)(
  '0.5: %s while another process holds the lock is 503, and keeps the cookie',
  async (_name, call) => {
    await using app = await startApp()
    const browser = app.newBrowser()
    const { code } = await app.beginVerification(browser, 'ada@example.com')
    app.advance(30_000)
    const { cookie } = browser
    const before = dumpStore(app.storePath)
    const unlock = lockStore(app)

    const answer = await call(browser)

    expectProblem(answer, 503, 'store_unavailable')
    expectNotCached(answer)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect(browser.cookie).toBe(cookie)
    unlock()
    expect(dumpStore(app.storePath)).toEqual(before)
    expect((await browser.verify(code)).status).toBe(200)
  },
)

test('0.5: who is signed in stays signed in while another process holds the lock, and afterwards', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  app.advance(120_000)
  const unlock = lockStore(app)

  expect((await browser.session()).body.state).toBe('signed_in')
  const refused = await browser.logout()
  unlock()

  expectProblem(refused, 503, 'store_unavailable')
  expect((await browser.session()).body.state).toBe('signed_in')
  expect((await browser.logout()).status).toBe(204)
})

test('0.4: the right code during an outage signs nobody in, and does afterwards', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'ada@example.com')
  const unlock = lockStore(app)

  expectProblem(await browser.verify(code), 503, 'store_unavailable')
  unlock()

  expect((await browser.session()).body).toMatchObject({ verification: { attemptsLeft: 5 } })
  expect((await browser.verify(code)).status).toBe(200)
})

test.each([
  ['GET', '/auth/session'],
  ['GET', '/auth/session-debug'],
  ['POST', '/auth/otp/send'],
  ['POST', '/auth/otp/verify'],
  ['POST', '/auth/otp/resend'],
  ['DELETE', '/auth/otp'],
  ['POST', '/auth/logout'],
  ['GET', '/auth/sessions'],
  ['DELETE', '/auth/sessions/x'],
  ['GET', '/auth/check'],
])('0.4: %s %s without a store is 503 and sets no cookie, never "not signed in"', async (method, path) => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const { cookie } = browser
  app.closeStore()
  const bodies: Record<string, object> = {
    '/auth/otp/send': { email: 'ada@example.com' },
    '/auth/otp/verify': { code: '000000' },
  }

  const answer = await browser.call(method, path, bodies[path])

  expectProblem(answer, 503, 'store_unavailable')
  expectNotCached(answer)
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  expect(browser.cookie).toBe(cookie)
})

test('0.4: without a store session blobs reject; they never say that there is no such session', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const sessionId = browser.cookie?.split('.')[2] ?? ''
  app.closeStore()

  await expect(app.blobs.get(sessionId)).rejects.toThrow()
  await expect(app.blobs.set(sessionId, {})).rejects.toThrow()
  await expect(app.blobs.destroy(sessionId)).rejects.toThrow()
})

test('0.4: when only the session blobs fail nobody is signed out and no cookie is given', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  rename(app, 'sessionBlobs', 'sessionBlobsGone')

  expectProblem(await browser.session(), 500, 'internal')
  expectProblem(await app.newBrowser().send('bob@example.com'), 500, 'internal')
  rename(app, 'sessionBlobsGone', 'sessionBlobs')
  expect((await browser.session()).body.state).toBe('signed_in')
})

test('0.12: a cookie that was issued anew earlier in a request that fails is not sent', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  const { cookie } = browser
  await app.rotateTo(secondSecret, firstSecret)
  rename(app, 'verifications', 'verificationsGone')

  expectProblem(await browser.session(), 500, 'internal')
  expect(browser.cookie).toBe(cookie)
  rename(app, 'verificationsGone', 'verifications')
  expect((await browser.session()).body.state).toBe('code_sent')
})

test('0.4: a full disk is 503 without a cookie, reading goes on, and room again ends it', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  await app.store.query('PRAGMA max_page_count = 1', [])

  let refused: Awaited<ReturnType<Browser['send']>> | undefined
  for (let visitor = 0; visitor < 500 && refused === undefined; visitor++) {
    const answer = await app.newBrowser().send(`visitor-${visitor}@example.com`)
    if (answer.status !== 202) refused = answer
  }

  expect(refused).toBeDefined()
  if (refused !== undefined) expectProblem(refused, 503, 'store_unavailable')
  expect((await browser.session()).body.state).toBe('signed_in')
  await app.store.query('PRAGMA max_page_count = 1000000', [])
  expect((await app.newBrowser().send('late@example.com')).status).toBe(202)
})

test('0.5: a session that cannot be opened is unknown, not an error, and not somebody', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  for (const value of ['', 'garbage', '{"value":{"signInId":"x"}}', 'v1.aaaaaaaa.AAAA', 'null']) {
    const other = new DatabaseSync(app.storePath)
    other.prepare('UPDATE sessionBlobs SET value = ?').run(value)
    other.close()
    const answer = await browser.session()

    expect([200, 'anonymous']).toEqual([answer.status, answer.body.state])
    expect(answer.setCookies).toEqual([])
  }
})

test('0.12: an error inside the server is a problem with every header, and logs its id and cause', async () => {
  await using app = await startApp({ isProduction: true })
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  rename(app, 'signIns', 'signInsGone')

  const answer = await browser.session()

  expectProblem(answer, 500, 'internal')
  expectNotCached(answer)
  expect(answer.headers['strict-transport-security']).toMatch(/^max-age=31536000/)
  const [logged] = app.log.events('error')
  expect(logged).toMatchObject({ message: 'request failed', requestId: answer.body.requestId })
  expect(logged?.stack).toContain('signIns')
})

test('readyz is 503 while the store does not write, and 200 again afterwards', async () => {
  await using app = await startApp()
  const ready = () => app.newBrowser().call('GET', '/readyz', undefined, { Host: '10.0.0.7:3000' })
  expect((await ready()).body).toEqual({ status: 'ready' })
  const unlock = lockStore(app)
  const locked = await ready()
  unlock()

  expect(locked.status).toBe(503)
  expect(locked.body).toEqual({ status: 'store unavailable' })
  expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0)
  expect((await ready()).status).toBe(200)
})

test('readyz is 503 while the server drains and healthz is not, for any Host', async () => {
  await using app = await startApp({ isProduction: true })
  app.startDraining()
  const call = (path: string) => app.newBrowser().call('GET', path, undefined, { Host: '10.0.0.7:3000' })

  expect((await call('/readyz')).body).toEqual({ status: 'draining' })
  const health = await call('/healthz')
  expect(health.status).toBe(200)
  expect(health.body).toEqual({ status: 'ok' })
})
