import { randomBytes } from 'node:crypto'
import { createSessionId, signSessionToken } from '@holdfast/core'
import { dumpStore } from '@holdfast/store/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Answer, exchange } from './http-exchange.ts'
import { expectProblem } from './problem-answer.ts'
import { type RunningApp, ringOf, secondSecret, startApp } from './running-app.ts'

let app: RunningApp
/** A token that is good, and signed in. */
let good: string

beforeAll(async () => {
  app = await startApp()
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  good = browser.cookie?.replace('holdfast=', '') ?? ''
  return () => app[Symbol.asyncDispose]()
})

const flip = (text: string, index: number) =>
  `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`

/** Made when a test runs, since they are made of a good one. */
const forgeries: [name: string, reason: string, forge: () => string][] = [
  ['empty', 'cookie_malformed', () => ''],
  ['one character', 'cookie_malformed', () => 'x'],
  ['cut by one character', 'cookie_malformed', () => good.slice(0, -1)],
  ['one character too long', 'cookie_malformed', () => `${good}A`],
  ['cut to the id', 'cookie_malformed', () => good.split('.').slice(0, 3).join('.')],
  ['the session id alone', 'cookie_malformed', () => good.split('.')[2] ?? ''],
  ['of another version', 'cookie_malformed', () => good.replace('v1', 'v2')],
  ['in upper case', 'cookie_malformed', () => good.toUpperCase()],
  ['of 4,000 characters', 'cookie_malformed', () => 'v1.'.padEnd(4000, 'a')],
  ['percent-encoded', 'cookie_malformed', () => good.replaceAll('.', '%2E')],
  ['in quotes', 'cookie_malformed', () => `"${good}"`],
  ['a kid in capitals', 'cookie_malformed', () => good.replace(/\.[^.]+/, '.ABCDEFGH')],
  ['an unknown kid', 'key_unknown', () => good.replace(/\.[^.]+/, '.aaaaaaaa')],
  ['the kid __proto__', 'cookie_malformed', () => good.replace(/\.[^.]+/, '.__proto__')],
  ['another id', 'signature_invalid', () => flip(good, 30)],
  ['another MAC', 'signature_invalid', () => flip(good, good.length - 20)],
  ['another spelling of the MAC', 'signature_invalid', () => respell(good)],
  ['a MAC of zeros', 'signature_invalid', () => good.slice(0, -43) + 'A'.repeat(43)],
  ['a key of somebody else', 'key_unknown', () => signSessionToken(ringOf(secondSecret), idOf(good))],
  [
    'an id that was never given out',
    'session_unknown',
    () => tokenFor(createSessionId(app.store.generation)),
  ],
  ['the generation of another store', 'store_replaced', () => tokenFor(createSessionId('AAAAAAAA'))],
]

describe.each(['cookie', 'bearer'])('a forged %s', (transport) => {
  const present = (token: string) =>
    transport === 'cookie' ? { Cookie: `holdfast=${token}` } : { Authorization: `Bearer ${token}` }

  test.each(forgeries)('%s is anonymous, with the reason %s', async (_name, reason, forge) => {
    const before = dumpStore(app.storePath)
    const headers = present(forge())

    const session = await call('GET', '/auth/session', headers)
    expect(session.status).toBe(200)
    expect(session.body).toEqual({ state: 'anonymous' })
    expect(session.setCookies).toEqual([])

    for (const [path, body] of [
      ['verify', '{"code":"000000"}'],
      ['resend', '{}'],
    ] as const) {
      const answer = await call('POST', `/auth/otp/${path}`, headers, body)
      expectProblem(answer, 409, 'verification_session_not_found')
      expect(answer.body).toMatchObject({
        detail: expect.stringMatching(/^Verification session not found\. Please start over\./),
        reason,
      })
    }
    const debug = await call('GET', '/auth/session-debug', headers)
    expect(debug.body).toMatchObject({ session: { reason, holds: false } })
    expect(dumpStore(app.storePath)).toEqual(before)
  })
})

const authorizations = [
  'Bearer',
  'Bearer ',
  'Bearer a b',
  'bearer\t',
  'Bearer ü',
  'Bearer ,',
  ' ',
  'Digest x',
]

test.each(authorizations)('the Authorization header "%s" signs nobody in', async (value) => {
  const answer = await call('GET', '/auth/session', { Authorization: Buffer.from(value).toString('latin1') })

  expect(answer.body).toEqual({ state: 'anonymous' })
})

test('two different good cookies of one name are refused, since one may be a fixation', async () => {
  const other = app.newBrowser()
  await other.signIn(app, 'eve@example.com')

  const answer = await call('GET', '/auth/session', { Cookie: `${other.cookie}; holdfast=${good}` })

  expect(answer.body).toEqual({ state: 'anonymous' })
})

test.each([
  ['the same cookie twice', () => `holdfast=${good}; holdfast=${good}`],
  ['a good cookie behind a stale one', () => `holdfast=stale; holdfast=${good}`],
  ['a good cookie before a stale one', () => `holdfast=${good};holdfast=;holdfast=x`],
  ['a good cookie among strangers', () => `a=b; holdfastx=1; =; ; ${'c=d; '.repeat(300)}holdfast=${good}`],
])('%s still names its session', async (_name, cookie) => {
  const answer = await call('GET', '/auth/session', { Cookie: cookie() })

  expect(answer.body).toMatchObject({ state: 'signed_in' })
})

test('logout with a cookie that means nothing removes it and ends nobody', async () => {
  const before = dumpStore(app.storePath)

  const answer = await call('POST', '/auth/logout', { Cookie: `holdfast=${flip(good, 30)}` })

  expect(answer.status).toBe(204)
  expect(answer.setCookies).toEqual([expect.stringMatching(/^holdfast=; path=\/; expires=Thu, 01 Jan 1970/)])
  expect(dumpStore(app.storePath)).toEqual(before)
})

test('none of 10,000 random tokens with a kid that exists is anybody, and none is looked up', async () => {
  const kid = app.keys.current().signingKid
  const before = dumpStore(app.storePath)
  const batches = Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => randomToken(kid)))
  const states = new Set<unknown>()
  for (const batch of batches) {
    const answers = await Promise.all(
      batch.map((token) => call('GET', '/auth/session', { Cookie: `holdfast=${token}` })),
    )
    for (const answer of answers) states.add(`${answer.status} ${answer.text} ${answer.setCookies.length}`)
  }

  expect([...states]).toEqual(['200 {"state":"anonymous"} 0'])
  expect(dumpStore(app.storePath)).toEqual(before)
})

function randomToken(kid: string): string {
  return `v1.${kid}.${app.store.generation}${randomBytes(32).toString('base64url')}.${randomBytes(32).toString('base64url')}`
}

function tokenFor(sessionId: string): string {
  return signSessionToken(app.keys.current(), sessionId)
}

function idOf(token: string): string {
  return token.split('.')[2] ?? ''
}

/** Base64url of 32 bytes leaves two bits that mean nothing: four spellings decode to the same MAC. */
function respell(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1) ?? '')
  return token.slice(0, -1) + alphabet[last ^ 1]
}

function call(method: string, path: string, headers: object, body?: string): Promise<Answer> {
  return exchange({
    port: app.port,
    method,
    path,
    headers: {
      Host: app.host,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
}
