import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { startApp } from './running-app.ts'

test('session-debug says where the session, its verification and the key ring stand', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'canary@example.com')
  const kid = app.keys.current().signingKid

  const answer = await browser.call('GET', '/auth/session-debug')

  expect(answer.status).toBe(200)
  expectNotCached(answer)
  expect(answer.body).toEqual({
    session: {
      presented: { transport: 'cookie', kid },
      holds: true,
      reason: null,
      view: (await browser.session()).body,
    },
    verification: {
      reference: expect.stringMatching(/^HF-/),
      state: 'pending',
      type: 'login',
      email: 'c•••@example.com',
      kid,
      attempts: 0,
      sends: 1,
      createdAt: new Date(app.clock.nowMs).toISOString(),
      expiresAt: new Date(app.clock.nowMs + 600_000).toISOString(),
    },
    keyRing: {
      ringId: app.keys.record.ringId,
      epoch: 0,
      signs: kid,
      verifies: [kid],
      keys: [{ kid, state: 'active' }],
    },
    store: { generation: app.store.generation, pendingVerifications: 1, liveSignIns: 0 },
  })
})

test('session-debug without a session says why, and shows nobody else', async () => {
  await using app = await startApp()
  await app.beginVerification(app.newBrowser(), 'canary@example.com')

  const answer = await app.newBrowser().call('GET', '/auth/session-debug')

  expect(answer.body).toMatchObject({
    session: { presented: null, holds: false, reason: 'cookie_missing', view: { state: 'anonymous' } },
    verification: null,
  })
  expect(answer.text).not.toContain('example.com')
})

test('session-debug holds no code, MAC, seal, session id or full address of what is pending', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'canary@example.com')
  const { text } = await browser.call('GET', '/auth/session-debug')
  const [row] = readStore(
    app.storePath,
    'SELECT mac, sessionKey FROM codes JOIN verifications ON id = verificationId',
  )
  const [, , sessionId = '', mac = ''] = browser.cookie?.split('.') ?? []

  expect(sessionId).toHaveLength(51)
  for (const secret of [sessionId, mac, String(row?.mac), String(row?.sessionKey), `"${code}"`, 'canary@']) {
    expect(text).not.toContain(secret)
  }
})

test.each([
  '/auth/session-debug',
  '/dev',
  '/dev/mail',
  '/dev/mail/x/html',
  '/dev/mailbox',
  '/dev/state',
  '/dev/pulse',
  '/dev/assets/dev-1a2b3c.js',
  '/dev/dev.html',
])('%s does not exist in production', async (path) => {
  await using app = await startApp({ isProduction: true })

  expectProblem(await app.newBrowser().call('GET', path), 404, 'not_found')
})
