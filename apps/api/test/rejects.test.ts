import { createSessionId, signSessionToken } from '@holdfast/core'
import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { Rejects } from '../src/rejects.ts'
import type { Browser } from './browser.ts'
import { expectProblem } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

const minuteMs = 60_000

/** Signs in and out, and keeps the cookie: the store knows whom it refuses from then on. */
async function signedOut(app: RunningApp, email = 'ada@example.com'): Promise<Browser> {
  const browser = app.newBrowser()
  await browser.signIn(app, email)
  const { cookie } = browser
  await browser.logout()
  browser.cookie = cookie
  return browser
}

async function rejectedRows(app: RunningApp) {
  await app.rejects.stop()
  return readStore(
    app.storePath,
    "SELECT reason, signInId IS NOT NULL AS isKnown, detail FROM ledger WHERE event = 'rejected' ORDER BY id",
  )
}

const known = (reason: string, code = 'not_signed_in') => ({
  reason,
  isKnown: 1,
  detail: JSON.stringify({ code }),
})
const summed = (reason: string, count: number) => ({ reason, isKnown: 0, detail: JSON.stringify({ count }) })

test('a record that is refused again and again has one row a minute for each reason', async () => {
  await using app = await startApp()
  const browser = await signedOut(app)
  for (let time = 0; time < 50; time++) await browser.call('GET', '/auth/check')
  expect(await rejectedRows(app)).toEqual([known('signed_out')])

  app.advance(minuteMs - 1)
  await browser.call('GET', '/auth/check')
  expect(await rejectedRows(app)).toHaveLength(1)
  app.advance(1)
  await browser.call('GET', '/auth/check')
  expect(await rejectedRows(app)).toEqual([known('signed_out'), known('signed_out')])
})

test('the minute is that of the store: neither a restart nor another process begins it anew', async () => {
  await using first = await startApp()
  const browser = await signedOut(first)
  await browser.call('GET', '/auth/check')
  await first.rejects.stop()
  await using app = await startApp(await first.leave())
  await browser.call('GET', '/auth/check')
  expect(await rejectedRows(app)).toEqual([known('signed_out')])

  const other = new Rejects({ store: app.store, clock: () => app.clock.nowMs })
  const [row] = readStore(app.storePath, 'SELECT id FROM signIns')
  other.add({ code: 'not_signed_in', reason: 'signed_out', signInId: String(row?.id) })
  await other.stop()
  expect(await rejectedRows(app)).toHaveLength(1)
})

test('a clock that was set back keeps no row from being written', async () => {
  await using app = await startApp()
  const browser = await signedOut(app)
  await browser.call('GET', '/auth/check')
  app.advance(-10 * minuteMs)
  await browser.call('GET', '/auth/check')
  await browser.call('GET', '/auth/check')

  expect(await rejectedRows(app)).toEqual([known('signed_out'), known('signed_out')])
})

test('ten thousand refusals that are about nobody are one row for each reason', async () => {
  await using app = await startApp()
  const nobody = app.newBrowser()
  const forged = app.newBrowser()
  forged.cookie = 'holdfast=v1.forged'
  for (let batch = 0; batch < 50; batch++) {
    await Promise.all(
      Array.from({ length: 100 }, () => [
        nobody.call('GET', '/auth/check'),
        forged.call('GET', '/auth/check'),
      ]).flat(),
    )
  }
  expect(readStore(app.storePath, "SELECT * FROM ledger WHERE event = 'rejected'")).toEqual([])
  await app.rejects.tell()
  await app.rejects.tell()

  expect(await rejectedRows(app)).toEqual([
    summed('cookie_missing', 5_000),
    summed('cookie_malformed', 5_000),
  ])
})

test('a session that a look finds lost is logged, counted and told, and the answer says anonymous alone', async () => {
  await using app = await startApp()
  const browser = await signedOut(app)

  const answer = await browser.session()

  expect([answer.status, answer.text]).toEqual([200, '{"state":"anonymous"}'])
  expect(app.log.events('info').at(-1)).toMatchObject({
    message: 'session does not hold',
    path: '/auth/session',
    status: 200,
    reason: 'signed_out',
    reference: expect.stringMatching(/^HF-/),
  })
  expect([...app.rejects.counts]).toContainEqual({ code: 'anonymous', reason: 'signed_out', count: 1 })
  expect(await rejectedRows(app)).toEqual([known('signed_out', 'anonymous')])
})

test('a visitor who looks without a session has lost nothing, and neither has one whose code is over', async () => {
  await using app = await startApp()
  await app.newBrowser().session()
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  app.advance(2 * 60 * minuteMs)
  expect((await browser.session()).text).toBe('{"state":"anonymous"}')

  expect(app.log.text()).not.toContain('session does not hold')
  expect(await rejectedRows(app)).toEqual([])
})

test('a store that does not write changes no refusal, and is told what was missed once it writes again', async () => {
  await using app = await startApp()
  const browser = await signedOut(app)
  const { write } = app.store
  let tried = 0
  app.store.write = () => {
    tried += 1
    return Promise.reject(new Error('the disk is full'))
  }
  expectProblem(await browser.call('GET', '/auth/check'), 401, 'not_signed_in')
  await browser.call('GET', '/auth/check')
  await app.newBrowser().call('GET', '/auth/check')
  await app.rejects.tell()
  expect(tried).toBe(2)
  app.store.write = write

  expect(await rejectedRows(app)).toEqual([summed('signed_out', 1), summed('cookie_missing', 1)])
})

test('a store that keeps its writers waiting keeps no answer waiting, and holds a bounded number of rows', async () => {
  await using app = await startApp()
  const { write } = app.store
  const waiting: (() => void)[] = []
  app.store.write = () => new Promise((resolve) => waiting.push(() => resolve([] as never)))
  for (let sign = 0; sign < 1_100; sign++) {
    app.rejects.add({ code: 'not_signed_in', reason: 'signed_out', signInId: `sign-in-${sign}` })
  }
  const answer = await app.newBrowser().call('GET', '/auth/check')
  expect([answer.status, waiting.length]).toEqual([401, 1_000])
  for (const release of waiting) release()
  app.store.write = write

  expect(await rejectedRows(app)).toEqual([summed('signed_out', 100), summed('cookie_missing', 1)])
})

test('a token of ours that names nothing in the store is about nobody, however many ids are tried', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  for (let time = 0; time < 20; time++) {
    const id = createSessionId(app.store.generation)
    browser.cookie = `holdfast=${signSessionToken(app.keys.current(), id)}`
    await browser.call('GET', '/auth/check')
  }

  expect(await rejectedRows(app)).toEqual([summed('session_unknown', 20)])
})

test('what is refused for another cause than its session is no reject', async () => {
  await using app = await startApp()
  const browser = app.newBrowser()
  await browser.send('not an address')
  await browser.call('POST', '/auth/otp/verify', { cod: '1' })
  await browser.call('POST', '/auth/otp/send', { email: 'a@example.com' }, { 'Sec-Fetch-Site': 'cross-site' })
  await browser.call('GET', '/auth/unknown')

  expect([...app.rejects.counts].filter(({ count }) => count > 0)).toEqual([])
  expect(app.log.events('info').filter(({ reason }) => reason !== undefined)).toEqual([])
  expect(await rejectedRows(app)).toEqual([])
})
