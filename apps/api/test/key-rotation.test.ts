import { createSessionId, signSessionToken } from '@holdfast/core'
import { readStore } from '@holdfast/store/testing'
import { describe, expect, test } from 'vitest'
import { exchange } from './http-exchange.ts'
import { firstSecret, ringOf, secondSecret, startApp } from './running-app.ts'

/** Two servers on one store, with the same key at first. */
async function startTwo() {
  const one = await startApp()
  const other = await startApp({ environment: { STORE_URL: `sqlite:${one.storePath}` } })
  return {
    one,
    other,
    /** The second server has the new key already; the first one would find it if it looked. */
    async rotateSecondFirst() {
      one.keySource.use(secondSecret, firstSecret)
      await other.rotateTo(secondSecret, firstSecret)
    },
    async [Symbol.asyncDispose]() {
      await other[Symbol.asyncDispose]()
      await one[Symbol.asyncDispose]()
    },
  }
}

describe('a server that has not loaded the new key ring yet', () => {
  test('takes the token that another server signed with the new key, at the first request', async () => {
    await using servers = await startTwo()
    const { one, other } = servers
    await servers.rotateSecondFirst()
    const elsewhere = other.newBrowser()
    await elsewhere.signIn(other, 'ada@example.com')
    const here = one.newBrowser()
    here.cookie = elsewhere.cookie

    expect((await here.session()).body).toMatchObject({ state: 'signed_in' })
    expect(one.keys.current().signingKid).toBe(other.keys.current().signingKid)
    expect(one.log.events('info')).toContainEqual(
      expect.objectContaining({ message: 'key ring reloaded', cause: 'unknown_kid' }),
    )
  })

  test('verifies the code of a verification that another server began under the new key', async () => {
    await using servers = await startTwo()
    const { one, other } = servers
    await servers.rotateSecondFirst()
    const browser = other.newBrowser()
    const { code } = await other.beginVerification(browser, 'ada@example.com')
    const here = one.newBrowser()
    here.cookie = browser.cookie

    expect((await here.verify(code)).status).toBe(200)
    expect((await here.session()).body).toMatchObject({ state: 'signed_in' })
  })

  test('opens a session whose blob another server sealed anew, although the token is still an older one', async () => {
    await using servers = await startTwo()
    const { one, other } = servers
    const browser = one.newBrowser()
    await browser.signIn(one, 'ada@example.com')
    const older = browser.cookie
    await servers.rotateSecondFirst()
    const elsewhere = other.newBrowser()
    elsewhere.cookie = older
    await elsewhere.session()
    expect(elsewhere.cookie).not.toBe(older)

    expect((await browser.session()).body).toMatchObject({ state: 'signed_in' })
  })

  test('answers a hundred requests with the new key after one look', async () => {
    await using app = await startApp()
    app.keySource.use(secondSecret, firstSecret)
    const token = signSessionToken(ringOf(secondSecret, firstSecret), createSessionId(app.store.generation))
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        exchange({
          port: app.port,
          method: 'POST',
          path: '/auth/otp/resend',
          headers: { Host: app.host, Cookie: `holdfast=${token}` },
        }),
      ),
    )

    expect(new Set(answers.map(({ body }) => body.reason))).toEqual(new Set(['session_unknown']))
    expect(app.keys.reloads).toBe(1)
  })
})

describe('after a rotation', () => {
  test('a bearer token under the older key holds, and each answer brings one under the new key', async () => {
    await using app = await startApp()
    const call = (method: string, path: string, token?: unknown, body?: object) =>
      exchange({
        port: app.port,
        method,
        path,
        headers: {
          Host: app.host,
          'Content-Type': 'application/json',
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    const sent = await call('POST', '/auth/otp/send', undefined, {
      email: 'ada@example.com',
      transport: 'bearer',
    })
    const { code } = await app.mails.next('ada@example.com')
    await app.rotateTo(secondSecret, firstSecret)

    const verified = await call('POST', '/auth/otp/verify', sent.body.token, { code })

    expect(verified.body).toMatchObject({ state: 'signed_in' })
    expect(String(verified.body.token).split('.')[1]).toBe(app.keys.current().signingKid)
    expect((await call('GET', '/auth/session', verified.body.token)).body).toMatchObject({
      state: 'signed_in',
    })
    expect(verified.setCookies).toEqual([])
  })

  test('a resent code is sealed with the new key, counts under the older one, and both codes sign in', async () => {
    for (const number of [1, 2]) {
      await using app = await startApp()
      const browser = app.newBrowser()
      const first = await app.beginVerification(browser, 'ada@example.com')
      await app.rotateTo(secondSecret, firstSecret)
      app.advance(30_000)
      expect((await browser.resend()).status).toBe(202)
      const second = await app.mails.next('ada@example.com')

      expect((await browser.verify(number === 1 ? first.code : second.code)).status).toBe(200)
    }
  })

  test('the answer to a code that signed in before is given again, under the same session', async () => {
    await using app = await startApp()
    const browser = app.newBrowser()
    const { code } = await app.beginVerification(browser, 'ada@example.com')
    const { cookie } = browser
    const first = await browser.verify(code)
    const session = browser.cookie?.split('.')[2]
    await app.rotateTo(secondSecret, firstSecret)
    browser.cookie = cookie

    expect((await browser.verify(code)).text).toBe(first.text)
    expect(browser.cookie?.split('.')[2]).toBe(session)
  })

  test('the older key cannot go while a sign-in needs it, and can once its new cookie has come back', async () => {
    await using app = await startApp()
    const browser = app.newBrowser()
    await browser.signIn(app, 'ada@example.com')
    await app.rotateTo(secondSecret, firstSecret)
    await expect(app.rotateTo(secondSecret)).rejects.toThrow('refused')
    expect((await browser.session()).body.state).toBe('signed_in')
    await browser.session()
    app.advance(60_000)

    await app.rotateTo(secondSecret)

    expect((await browser.session()).body.state).toBe('signed_in')
    expect(app.keys.current().kids).toHaveLength(1)
  })
})

describe('after the key that signs was revoked', () => {
  test('whom it signed in is signed out and told key_revoked, with a row in the ledger', async () => {
    await using app = await startApp()
    const browser = app.newBrowser()
    await browser.signIn(app, 'ada@example.com')
    await app.revokeKey()

    expect((await browser.session()).body).toEqual({ state: 'anonymous' })
    expect((await browser.resend()).body).toMatchObject({ reason: 'key_revoked' })
    expect(readStore(app.storePath, 'SELECT reason FROM ledger WHERE signInId IS NOT NULL')).toContainEqual({
      reason: 'key_revoked',
    })
  })

  test('a code that was sent under it signs nobody in, and a new one does', async () => {
    await using app = await startApp()
    const browser = app.newBrowser()
    const { code } = await app.beginVerification(browser, 'ada@example.com')
    await app.revokeKey()

    const refused = await browser.verify(code)
    expect(refused.body).toMatchObject({ code: 'verification_session_not_found', reason: 'key_revoked' })
    expect((await browser.signIn(app, 'ada@example.com')).status).toBe(200)
    expect((await browser.session()).body.state).toBe('signed_in')
  })

  test('who has moved to another key already stays signed in, although the sign-in began under it', async () => {
    await using app = await startApp()
    const browser = app.newBrowser()
    await browser.signIn(app, 'ada@example.com')
    const leaked = app.keys.current().signingKid
    await app.rotateTo(secondSecret, firstSecret)
    await browser.session()
    await browser.session()

    await app.revokeKey(leaked)

    expect(app.keys.current().has(leaked)).toBe(false)
    expect((await browser.session()).body.state).toBe('signed_in')
  })
})
