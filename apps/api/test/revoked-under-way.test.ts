import { countKeyUse } from '@holdfast/store'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import type { Answer } from './http-exchange.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

/*
 * A key is revoked while a request waits for the first, the second, the third ... step that it takes in the
 * store, until the request takes no more steps. Whatever it met, it answers, and nothing live is left under
 * that key.
 */

let app: RunningApp

beforeAll(async () => {
  // Counting a send takes steps too, where there is a limit.
  app = await startApp({ environment: { LIMIT_SENDS_PER_HOUR: '100000' } })
  return () => app[Symbol.asyncDispose]()
})

let visitors = 0
function newEmail(): string {
  visitors += 1
  return `visitor-${visitors}@example.com`
}

interface Prepared {
  browser: Browser
  code: string
}

async function pending(): Promise<Prepared> {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, newEmail())
  return { browser, code }
}

async function signedIn(): Promise<Prepared> {
  const { browser, code } = await pending()
  expect((await browser.verify(code)).status).toBe(200)
  return { browser, code }
}

async function verified(): Promise<Prepared> {
  const { browser, code } = await pending()
  const { cookie } = browser
  await browser.verify(code)
  browser.cookie = cookie
  return { browser, code }
}

async function resendable(): Promise<Prepared> {
  const prepared = await pending()
  app.advance(30_000)
  return prepared
}

/** Asked for a code under a key that signs no more. */
async function pendingUnderOlderKey(): Promise<Prepared> {
  const prepared = await pending()
  await app.rotate()
  return prepared
}

async function resendableUnderOlderKey(): Promise<Prepared> {
  const prepared = await pendingUnderOlderKey()
  app.advance(30_000)
  return prepared
}

/** Signed in with a token that the next request issues anew. */
async function rotated(): Promise<Prepared> {
  const prepared = await signedIn()
  await app.rotate()
  return prepared
}

const requests: [
  name: string,
  prepare: () => Promise<Prepared>,
  call: (given: Prepared) => Promise<Answer>,
  statuses: number[],
][] = [
  [
    'a first send',
    async () => ({ browser: app.newBrowser(), code: '' }),
    ({ browser }) => browser.send(newEmail()),
    [202],
  ],
  ['another send', pending, ({ browser }) => browser.send(newEmail()), [202]],
  ['a resend', resendable, ({ browser }) => browser.resend(), [202, 409, 429]],
  ['a resend under an older key', resendableUnderOlderKey, ({ browser }) => browser.resend(), [202]],
  ['a right guess', pending, ({ browser, code }) => browser.verify(code), [200, 409]],
  [
    'a right guess under an older key',
    pendingUnderOlderKey,
    ({ browser, code }) => browser.verify(code),
    [200],
  ],
  ['a wrong guess', pending, ({ browser, code }) => browser.verify(wrongCode(code)), [403, 409, 429]],
  ['a repeated right guess', verified, ({ browser, code }) => browser.verify(code), [200, 409]],
  ['a look at the session', signedIn, ({ browser }) => browser.session(), [200]],
  ['a look at the session that issues its token anew', rotated, ({ browser }) => browser.session(), [200]],
  ['a look at a pending verification', pending, ({ browser }) => browser.session(), [200]],
  ['a cancel', pending, ({ browser }) => browser.call('DELETE', '/auth/otp'), [204]],
  ['a sign-out', signedIn, ({ browser }) => browser.logout(), [204]],
  ['a check', signedIn, ({ browser }) => browser.call('GET', '/auth/check'), [204, 401]],
  [
    'a check that issues its token anew',
    rotated,
    ({ browser }) => browser.call('GET', '/auth/check'),
    [204, 401],
  ],
  ['a list of sessions', signedIn, ({ browser }) => browser.call('GET', '/auth/sessions'), [200, 401]],
]

describe.each(requests)('%s during which its key is revoked', (_name, prepare, call, statuses) => {
  test('is answered at every step, and leaves nothing that needs the key', async () => {
    let step = 0
    for (let isMet = true; isMet; ) {
      step += 1
      const prepared = await prepare()
      const kid = app.keys.current().signingKid
      const interruption = revokeDuring(app.keys.current().signingKid, step)
      const answer = await call(prepared)
      isMet = await interruption.end()

      expect.soft(statuses, `revoked during step ${step}: ${answer.text}`).toContain(answer.status)
      const uses = await countKeyUse(app.store, { nowMs: app.clock.nowMs, idleMs: app.signIn.policy.idleMs })
      expect.soft(isMet ? uses.filter((use) => use.kid === kid) : [], `during step ${step}`).toEqual([])
      expect.soft((await prepared.browser.session()).status).toBe(200)
    }
    expect(step).toBeGreaterThan(1)
    expect(app.log.events('error')).toEqual([])
  })
})

/** Has the key revoked while the nth use of the store from now on is waited for. */
function revokeDuring(kid: string, nth: number) {
  const { store } = app
  let left = nth
  let revoking: Promise<void> | undefined
  async function during<Result>(work: Promise<Result>): Promise<Result> {
    left -= 1
    if (left > 0 || revoking !== undefined) return work
    const result = await work
    revoking = app.revokeKey(kid)
    await revoking
    return result
  }
  const { read, write, query } = store
  store.read = (one) => during(read.call(store, one) as Promise<never>)
  store.write = (...queries) => during(write.call(store, ...queries) as Promise<never>)
  store.query = (...given) => during(query.apply(store, given))
  return {
    /** Whether the request got so far. */
    async end(): Promise<boolean> {
      Object.assign(store, { read, write, query })
      await revoking
      return revoking !== undefined
    },
  }
}
