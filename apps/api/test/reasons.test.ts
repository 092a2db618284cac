import { copyFile, rm } from 'node:fs/promises'
import { type Reason, reasons } from '@holdfast/core'
import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import type { Answer } from './http-exchange.ts'
import { expectProblem } from './problem-answer.ts'
import { readSamples } from './prometheus-text.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, type RunningAppOptions, secondSecret, startApp } from './running-app.ts'

const dayMs = 86_400_000
const email = 'ada@example.com'

/** What befalls a session on the way to the request that is refused. A situation may go on with another app. */
interface Scene {
  app: RunningApp
  browser: Browser
}

async function signedIn(scene: Scene): Promise<void> {
  await scene.browser.signIn(scene.app, email)
}

async function restart(
  scene: Scene,
  between: (left: RunningAppOptions) => Promise<void> | void,
): Promise<void> {
  const left = await scene.app.leave()
  await between(left)
  scene.app = await startApp(left)
}

async function copyStore(from: string, to: string): Promise<void> {
  await Promise.all(['', '-wal', '-shm'].map((suffix) => rm(`${to}${suffix}`, { force: true })))
  await copyFile(from, to)
}

const check = ({ browser }: Scene) => browser.call('GET', '/auth/check')

interface Situation {
  /** How the request is answered that is refused, by the code of the problem. */
  as: [status: number, code: string]
  /** Whether the ledger knows whom it is about. */
  about: 'sign-in' | 'verification' | 'nobody'
  refuse: (scene: Scene) => Promise<Answer>
}

const notSignedIn: [number, string] = [401, 'not_signed_in']
const notFound: [number, string] = [409, 'verification_session_not_found']

const situations: Record<Reason, Situation> = {
  cookie_missing: {
    as: notSignedIn,
    about: 'nobody',
    // A check, which a proxy asks for each request, is in the log at http.
    refuse: ({ browser }) => browser.call('GET', '/auth/sessions'),
  },
  cookie_malformed: {
    as: notSignedIn,
    about: 'nobody',
    async refuse(scene) {
      await signedIn(scene)
      scene.browser.cookie = scene.browser.cookie?.slice(0, -1)
      return check(scene)
    },
  },
  signature_invalid: {
    as: notSignedIn,
    about: 'nobody',
    async refuse(scene) {
      await signedIn(scene)
      const [head, kid, id, mac = ''] = scene.browser.cookie?.split('.') ?? []
      scene.browser.cookie = [head, kid, id, [...mac].reverse().join('')].join('.')
      return check(scene)
    },
  },
  key_unknown: {
    as: notSignedIn,
    about: 'nobody',
    async refuse(scene) {
      await signedIn(scene)
      // The fault that all of this began with: a start with another key.
      await restart(scene, ({ left }) => left?.keySource.use(secondSecret))
      return check(scene)
    },
  },
  key_revoked: {
    as: notSignedIn,
    about: 'nobody',
    async refuse(scene) {
      await signedIn(scene)
      await scene.app.revokeKey()
      return check(scene)
    },
  },
  session_unknown: {
    as: notSignedIn,
    about: 'nobody',
    async refuse(scene) {
      const { storePath } = scene.app
      await restart(scene, () => copyFile(storePath, `${storePath}.backup`))
      await signedIn(scene)
      await restart(scene, () => copyStore(`${storePath}.backup`, storePath))
      return check(scene)
    },
  },
  store_replaced: {
    as: notSignedIn,
    about: 'nobody',
    async refuse(scene) {
      const { storePath } = scene.app
      await signedIn(scene)
      await restart(scene, async () => {
        await Promise.all(['', '-wal', '-shm'].map((suffix) => rm(`${storePath}${suffix}`, { force: true })))
      })
      return check(scene)
    },
  },
  session_expired: {
    as: notSignedIn,
    about: 'sign-in',
    async refuse(scene) {
      await signedIn(scene)
      for (let day = 0; day < 30; day++) {
        expect((await check(scene)).status).toBe(204)
        scene.app.advance(dayMs)
      }
      return check(scene)
    },
  },
  idle_timeout: {
    as: notSignedIn,
    about: 'sign-in',
    async refuse(scene) {
      await signedIn(scene)
      scene.app.advance(7 * dayMs)
      return check(scene)
    },
  },
  signed_out: {
    as: notSignedIn,
    about: 'sign-in',
    async refuse(scene) {
      await signedIn(scene)
      const { cookie } = scene.browser
      await scene.browser.logout()
      scene.browser.cookie = cookie
      return check(scene)
    },
  },
  ended_by_user: {
    as: notSignedIn,
    about: 'sign-in',
    async refuse(scene) {
      await signedIn(scene)
      const { signIn } = (await scene.browser.session()).body as { signIn: { id: string } }
      const other = scene.app.newBrowser()
      await other.signIn(scene.app, email)
      expect((await other.call('DELETE', `/auth/sessions/${signIn.id}`)).status).toBe(204)
      return check(scene)
    },
  },
  ended_by_operator: {
    as: notSignedIn,
    about: 'sign-in',
    async refuse(scene) {
      await signedIn(scene)
      const kid = scene.app.keys.current().signingKid
      await scene.app.rotate()
      // The cookie under the new key has arrived, but was not shown yet: the sign-in still hangs on the older key.
      await scene.browser.session()
      await scene.app.revokeKey(kid)
      return check(scene)
    },
  },
  verification_expired: {
    as: [410, 'code_expired'],
    about: 'verification',
    async refuse({ app, browser }) {
      const { code } = await app.beginVerification(browser, email)
      app.advance(600_000)
      return browser.verify(code)
    },
  },
  verification_exhausted: {
    as: [429, 'too_many_attempts'],
    about: 'verification',
    async refuse({ app, browser }) {
      const { code } = await app.beginVerification(browser, email)
      for (let guess = 0; guess < 5; guess++) await browser.verify(wrongCode(code))
      return browser.verify(code)
    },
  },
  verification_cancelled: {
    as: notFound,
    about: 'verification',
    async refuse({ app, browser }) {
      const { code } = await app.beginVerification(browser, email)
      await browser.call('DELETE', '/auth/otp')
      return browser.verify(code)
    },
  },
  verification_used: {
    as: notFound,
    about: 'verification',
    async refuse({ app, browser }) {
      const { code } = await app.beginVerification(browser, email)
      const { cookie } = browser
      await browser.verify(code)
      app.advance(60_000)
      browser.cookie = cookie
      return browser.verify(code)
    },
  },
  never_started: {
    as: notSignedIn,
    about: 'verification',
    async refuse(scene) {
      await scene.app.beginVerification(scene.browser, email)
      return check(scene)
    },
  },
}

test.each(reasons)('%s is told in the answer, the log, the metric and the ledger', async (reason) => {
  const { as, about, refuse } = situations[reason]
  const [status, code] = as
  const app = await startApp()
  const scene: Scene = { app, browser: app.newBrowser() }
  try {
    const answer = await refuse(scene)

    expectProblem(answer, status, code)
    expect(answer.body.reason).toBe(reason)
    expect(scene.app.log.events('info').at(-1)).toMatchObject({
      message: 'request refused',
      requestId: answer.body.requestId,
      status,
      code,
      reason,
    })
    expect(await countedAt(scene.app, code, reason)).toBe(1)
    await scene.app.rejects.stop()
    const rows = readStore(
      scene.app.storePath,
      `SELECT ledger.verificationId, ledger.signInId, detail, verifications.reference FROM ledger
        LEFT JOIN verifications ON verifications.id = ledger.verificationId
        WHERE event = 'rejected' AND reason = ?`,
      reason,
    )
    const [row] = rows
    expect(rows).toHaveLength(1)
    expect(row?.signInId === null).toBe(about !== 'sign-in')
    expect(row?.reference).toBe(about === 'nobody' ? null : answer.body.reference)
    expect(JSON.parse(String(row?.detail))).toEqual(about === 'nobody' ? { count: 1 } : { code })
  } finally {
    await app[Symbol.asyncDispose]()
    await scene.app[Symbol.asyncDispose]()
  }
})

async function countedAt(app: RunningApp, code: string, reason: string): Promise<number | undefined> {
  const answer = await app.newBrowser().call('GET', '/metrics')
  return readSamples(answer.text).find(
    ({ name, labels }) =>
      name === 'holdfast_rejects_total' && labels.code === code && labels.reason === reason,
  )?.value
}
