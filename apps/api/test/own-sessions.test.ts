import { createRecordId } from '@holdfast/store'
import { dumpStore, readStore } from '@holdfast/store/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

const dayMs = 86_400_000
let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

async function signedIn(email: string): Promise<Browser> {
  const browser = app.newBrowser()
  await browser.signIn(app, email)
  return browser
}

interface Listed {
  id: string
  lastSeenAt: string
  current: boolean
}

async function list(browser: Browser): Promise<Listed[]> {
  const answer = await browser.call('GET', '/auth/sessions')
  expect(answer.status).toBe(200)
  return (answer.body as { sessions: Listed[] }).sessions
}

async function idOf(browser: Browser): Promise<string> {
  return (await list(browser)).find((session) => session.current)?.id ?? ''
}

const end = (browser: Browser, id: string) => browser.call('DELETE', `/auth/sessions/${id}`)

describe('GET /auth/sessions', () => {
  test('lists the own live sign-ins with their times, the one used last first, and says which one asks', async () => {
    const signedInAtMs = app.clock.nowMs
    const here = await signedIn('list@example.com')
    app.advance(dayMs)
    const there = await signedIn('list@example.com')
    await signedIn('somebody.else@example.com')
    const answer = await there.call('GET', '/auth/sessions')
    const iso = (timeMs: number) => new Date(timeMs).toISOString()

    expect(answer.status).toBe(200)
    expectNotCached(answer)
    expect(answer.setCookies).toEqual([])
    expect(answer.body).toEqual({
      sessions: [
        {
          id: await idOf(there),
          authTime: iso(signedInAtMs + dayMs),
          lastSeenAt: iso(signedInAtMs + dayMs),
          expiresAt: iso(signedInAtMs + 31 * dayMs),
          amr: ['otp'],
          current: true,
        },
        {
          id: await idOf(here),
          authTime: iso(signedInAtMs),
          lastSeenAt: iso(signedInAtMs),
          expiresAt: iso(signedInAtMs + 30 * dayMs),
          amr: ['otp'],
          current: false,
        },
      ],
    })
  })

  test('has the id that the session itself shows', async () => {
    const browser = await signedIn('same-id@example.com')

    expect((await browser.session()).body).toMatchObject({ signIn: { id: await idOf(browser) } })
  })

  test('leaves out what was signed out, idled out, expired or ended', async () => {
    const idle = await signedIn('left-out@example.com')
    app.advance(6 * dayMs)
    const out = await signedIn('left-out@example.com')
    const ended = await signedIn('left-out@example.com')
    const here = await signedIn('left-out@example.com')
    expect(await list(here)).toHaveLength(4)
    await out.logout()
    await end(here, await idOf(ended))
    app.advance(dayMs)

    expect(await list(here)).toEqual([expect.objectContaining({ current: true })])
    expectProblem(await idle.call('GET', '/auth/sessions'), 401, 'not_signed_in')
    for (let day = 0; day < 29; day++) {
      const another = await signedIn('left-out@example.com')
      expect((await list(another)).length, `after ${day} more days`).toBeGreaterThan(1)
      await another.logout()
      app.advance(dayMs)
      if (day < 28) await list(here)
    }
    expect(await list(await signedIn('left-out@example.com'))).toHaveLength(1)
  })

  test('counts as use of the sign-in', async () => {
    const browser = await signedIn('use@example.com')
    for (let day = 0; day < 3; day++) {
      app.advance(6 * dayMs)
      expect(await list(browser)).toHaveLength(1)
    }
  })

  test('holds no token, session id, key or kid of a session', async () => {
    const browser = await signedIn('secret@example.com')
    const { text } = await browser.call('GET', '/auth/sessions')
    const [row] = readStore(app.storePath, "SELECT * FROM signIns WHERE sessionKey <> '' ORDER BY id DESC")
    const secrets = [...(browser.cookie?.split('.') ?? []), String(row?.sessionKey), String(row?.kid)]

    expect(secrets.filter((secret) => secret !== 'holdfast=v1' && text.includes(secret))).toEqual([])
  })
})

describe('DELETE /auth/sessions/:id', () => {
  test('ends another sign-in of the account, which then says ended_by_user, and no third one', async () => {
    const [here, there, third] = [
      await signedIn('end@example.com'),
      await signedIn('end@example.com'),
      await signedIn('end@example.com'),
    ]
    const id = await idOf(there)

    const answer = await end(here, id)

    expect(answer.status).toBe(204)
    expect(answer.text).toBe('')
    expectNotCached(answer)
    expect(answer.setCookies).toEqual([])
    expect((await there.session()).body).toEqual({ state: 'anonymous' })
    const refused = await there.call('GET', '/auth/check')
    expectProblem(refused, 401, 'not_signed_in')
    expect(refused.body.reason).toBe('ended_by_user')
    for (const live of [here, third]) expect((await live.session()).body.state).toBe('signed_in')
    expect(await list(third)).toHaveLength(2)
  })

  test('repeated is 204 again, and in the ledger once', async () => {
    const here = await signedIn('twice@example.com')
    const there = await signedIn('twice@example.com')
    const id = await idOf(there)

    for (let time = 0; time < 3; time++) expect((await end(here, id)).status).toBe(204)

    expect(
      readStore(
        app.storePath,
        "SELECT event, reason FROM ledger WHERE signInId = ? AND event <> 'rejected'",
        id,
      ),
    ).toEqual([
      { event: 'signed_in', reason: null },
      { event: 'sign_in_ended', reason: 'ended_by_user' },
    ])
  })

  test('of one that was signed out already is 204 and leaves the reason as it is', async () => {
    const here = await signedIn('was-out@example.com')
    const there = await signedIn('was-out@example.com')
    const id = await idOf(there)
    const { cookie } = there
    await there.logout()

    expect((await end(here, id)).status).toBe(204)

    there.cookie = cookie
    expect((await there.call('GET', '/auth/check')).body.reason).toBe('signed_out')
  })

  test('of the own one is a sign-out: the cookie is removed, the pending code cancelled', async () => {
    const browser = await signedIn('own@example.com')
    const there = await signedIn('own@example.com')
    app.advance(1)
    const { code } = await app.beginVerification(browser, 'own-other@example.com')
    const { cookie } = browser

    const answer = await end(browser, await idOf(browser))

    expect(answer.status).toBe(204)
    expect(answer.setCookies).toEqual([
      'holdfast=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; samesite=lax; httponly',
    ])
    browser.cookie = cookie
    expect((await browser.verify(code)).status).toBe(409)
    expect((await browser.call('GET', '/auth/check')).body.reason).toBe('signed_out')
    expect((await there.session()).body.state).toBe('signed_in')
  })

  test('ends nobody else: a sign-in of another account is answered as one that never was', async () => {
    const victim = await signedIn('victim@example.com')
    const attacker = await signedIn('attacker@example.com')
    const known = await idOf(victim)
    const never = known.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const before = dumpStore(app.storePath)

    const [ofVictim, ofNobody] = [await end(attacker, known), await end(attacker, never)]

    expectProblem(ofVictim, 404, 'not_found')
    const { requestId, ...rest } = ofVictim.body
    expect(ofNobody.body).toEqual({ ...rest, requestId: expect.not.stringContaining(String(requestId)) })
    expect(Object.keys(ofNobody.headers)).toEqual(Object.keys(ofVictim.headers))
    expect(dumpStore(app.storePath)).toEqual(before)
    expect((await victim.session()).body.state).toBe('signed_in')
  })

  test.each([
    'x',
    '%00',
    '..',
    '%2e%2e',
    "'%20OR%201=1--",
    'a'.repeat(2_000),
    '%F0%9F%99%82',
    createRecordId(0),
  ])('of "%s" is 404 or a request that is not understood, and changes nothing', async (id) => {
    const browser = await signedIn('odd@example.com')
    const before = dumpStore(app.storePath)

    expect([400, 404]).toContain((await end(browser, id)).status)
    expect(dumpStore(app.storePath)).toEqual(before)
  })

  test('leaves what the code of an ended sign-in could repeat refused', async () => {
    const here = await signedIn('repeat@example.com')
    const there = app.newBrowser()
    const { code } = await app.beginVerification(there, 'repeat@example.com')
    const before = there.cookie
    await there.verify(code)
    await end(here, await idOf(there))

    there.cookie = before
    expect((await there.verify(code)).body).toMatchObject({ status: 409, reason: 'verification_used' })
  })

  test('needs the pages of this service', async () => {
    const here = await signedIn('cross@example.com')
    const there = await signedIn('cross@example.com')
    const answer = await here.call('DELETE', `/auth/sessions/${await idOf(there)}`, undefined, {
      'Sec-Fetch-Site': 'cross-site',
    })

    expectProblem(answer, 403, 'cross_site_request')
    expect((await there.session()).body.state).toBe('signed_in')
  })
})
