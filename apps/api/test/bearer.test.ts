import { beforeAll, expect, test } from 'vitest'
import { type Answer, exchange } from './http-exchange.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

const tokenPattern = /^v1\.[a-z2-7]{8}\.[\w-]{51}\.[\w-]{43}$/
let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

/** Calls as a program without a cookie jar does; no answer to it may ever set a cookie. */
async function call(method: string, path: string, token?: string, body?: object): Promise<Answer> {
  const answer = await exchange({
    port: app.port,
    method,
    path,
    headers: {
      Host: app.host,
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(answer.setCookies).toEqual([])
  expectNotCached(answer)
  return answer
}

async function begin(email: string): Promise<{ token: string; code: string }> {
  const answer = await call('POST', '/auth/otp/send', undefined, { email, transport: 'bearer' })
  expect(answer.status).toBe(202)
  return { token: String(answer.body.token), code: (await app.mails.next(email)).code }
}

async function signIn(email: string): Promise<{ token: string; first: string }> {
  const { token: first, code } = await begin(email)
  const answer = await call('POST', '/auth/otp/verify', first, { code })
  return { token: String(answer.body.token), first }
}

test('send with transport bearer answers the view and a token, and no cookie', async () => {
  const email = 'ada@example.com'
  const answer = await call('POST', '/auth/otp/send', undefined, { email, transport: 'bearer' })
  await app.mails.next(email)

  expect(answer.status).toBe(202)
  expect(Object.keys(answer.body).sort()).toEqual(['state', 'token', 'verification'])
  expect(answer.body.token).toMatch(tokenPattern)
})

test('verify answers a new token, the old one is no session any more, and the new one is', async () => {
  const { token: first, code } = await begin('ada@example.com')
  expect((await call('GET', '/auth/session', first)).body.state).toBe('code_sent')

  const answer = await call('POST', '/auth/otp/verify', first, { code })

  expect(answer.status).toBe(200)
  expect(Object.keys(answer.body).sort()).toEqual(['account', 'signIn', 'state', 'token'])
  expect(answer.body.token).toMatch(tokenPattern)
  expect(answer.body.token).not.toBe(first)
  expect((await call('GET', '/auth/session', first)).body).toEqual({ state: 'anonymous' })
  const session = await call('GET', '/auth/session', String(answer.body.token))
  expect(session.body.state).toBe('signed_in')
  expect(session.body.token).toBeUndefined()
})

test('resend, cancel, wrong codes and logout work with the token and set no cookie', async () => {
  const { token, code } = await begin('bob@example.com')
  expectProblem(
    await call('POST', '/auth/otp/verify', token, { code: wrongCode(code) }),
    403,
    'code_incorrect',
  )
  expectProblem(await call('POST', '/auth/otp/resend', token), 429, 'rate_limited')
  app.advance(30_000)
  expect((await call('POST', '/auth/otp/resend', token)).status).toBe(202)
  await app.mails.next('bob@example.com')
  expect((await call('DELETE', '/auth/otp', token)).status).toBe(204)
  expectProblem(
    await call('POST', '/auth/otp/verify', token, { code }),
    409,
    'verification_session_not_found',
  )

  const { token: signedIn } = await signIn('bob@example.com')
  expect((await call('POST', '/auth/logout', signedIn)).status).toBe(204)
  expect((await call('GET', '/auth/session', signedIn)).body).toEqual({ state: 'anonymous' })
  expect((await call('POST', '/auth/logout', 'nonsense')).status).toBe(204)
})

test('a later send with the token alone stays with the bearer', async () => {
  const { token } = await begin('cy@example.com')
  app.advance(1)
  const answer = await call('POST', '/auth/otp/send', token, { email: 'cy@example.com' })
  await app.mails.next('cy@example.com')

  expect(answer.status).toBe(202)
  expect(answer.body.token).toBe(token)
})

test('a lost answer to verify is given again with the same new token', async () => {
  const { token, code } = await begin('dee@example.com')
  const first = await call('POST', '/auth/otp/verify', token, { code })
  const again = await call('POST', '/auth/otp/verify', token, { code })

  expect(again.status).toBe(200)
  expect(again.body).toEqual(first.body)
})

test('a token in a request that has a cookie too decides alone', async () => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'cookie@example.com')
  const { token } = await signIn('token@example.com')

  const answer = await browser.call('GET', '/auth/session', undefined, { Authorization: `Bearer ${token}` })
  const forged = await browser.call('GET', '/auth/session', undefined, { Authorization: 'Bearer forged' })

  expect(answer.body).toMatchObject({ account: { email: 'token@example.com' } })
  expect(forged.body).toEqual({ state: 'anonymous' })
})

test('transport bearer never hands the session of an HttpOnly cookie to a script', async () => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  const session = browser.cookie?.split('.')[2]

  const answer = await browser.send('script@example.com', { transport: 'bearer' })

  // Refused, or given a session of its own: either is sound.
  expect(session).toHaveLength(51)
  expect(answer.text).not.toContain(session)
})

test('an Authorization header of another scheme, as a proxy adds, leaves the cookie session alone', async () => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')

  const answer = await browser.call('GET', '/auth/session', undefined, {
    Authorization: 'Basic c3RhZ2U6MQ==',
  })

  expect(answer.body.state).toBe('signed_in')
})
