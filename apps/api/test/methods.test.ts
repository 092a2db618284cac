import { dumpStore } from '@holdfast/store/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { exchange } from './http-exchange.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'LOCK']
const routes: [path: string, answers: string[]][] = [
  ['/auth/otp/send', ['POST']],
  ['/auth/otp/resend', ['POST']],
  ['/auth/otp/verify', ['POST']],
  ['/auth/otp', ['DELETE']],
  ['/auth/session', ['GET', 'HEAD']],
  ['/auth/logout', ['POST']],
  ['/auth/sessions', ['GET', 'HEAD']],
  ['/auth/sessions/x', ['DELETE']],
  ['/auth/check', ['GET', 'HEAD']],
  ['/auth/return', ['GET', 'HEAD']],
  ['/auth/session-debug', ['GET', 'HEAD']],
  ['/dev', ['GET', 'HEAD']],
  ['/dev/mail', ['GET', 'HEAD']],
  ['/dev/mail/x/html', ['GET', 'HEAD']],
  ['/dev/mailbox', ['GET', 'HEAD']],
  ['/dev/state', ['GET', 'HEAD']],
  ['/dev/pulse', ['GET', 'HEAD']],
  ['/dev/assets/dev-1a2b3c.js', ['GET', 'HEAD']],
  ['/openapi.json', ['GET', 'HEAD']],
  ['/healthz', ['GET', 'HEAD']],
  ['/readyz', ['GET', 'HEAD']],
  ['/metrics', ['GET', 'HEAD']],
]

let app: RunningApp
let browser: Browser

beforeAll(async () => {
  app = await startApp()
  browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  await app.beginVerification(browser, 'bob@example.com')
  return () => app[Symbol.asyncDispose]()
})

afterAll(() => {
  expect(app.log.events('error')).toEqual([])
})

describe.each(routes)('%s', (path, answers) => {
  const others = methods.filter((method) => !answers.includes(method) && method !== 'OPTIONS')

  test.each(others)('refuses %s with 405 and the methods it answers', async (method) => {
    const before = dumpStore(app.storePath)
    const answer = await browser.call(method, path)

    if (method === 'HEAD') expect(answer.status).toBe(405)
    else expectProblem(answer, 405, 'method_not_allowed')
    expect(allowed(answer.headers.allow)).toEqual([...answers].sort())
    if (path.startsWith('/auth')) expectNotCached(answer)
    expect(dumpStore(app.storePath)).toEqual(before)
  })

  test('answers OPTIONS with the methods it answers, and allows no other origin', async () => {
    const answer = await browser.call('OPTIONS', path, undefined, {
      Origin: 'https://evil.example',
      'Access-Control-Request-Method': 'POST',
    })

    expect(answer.status).toBe(200)
    expect(allowed(answer.headers.allow)).toEqual([...answers].sort())
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(answer.setCookies).toEqual([])
  })
})

const unknown = [
  '/auth',
  '/auth/',
  '/auth/otp/send/more',
  '/auth/unknown',
  '/auth/..%2fsession',
  '/auth/%00',
  '/auth//session',
  '/auth/sessions/x/y',
  '/auth/sessions/',
  '/auth/session/',
  '/auth/otp/',
  '/auth/otp/send/',
  '/auth/logout/',
  '/metrics/',
  '/healthz/',
  '/dev/mails',
  '/dev/mail/x',
  '/dev/dev.html',
]

describe.each(unknown)('%s, which does not exist', (path) => {
  test.each(['GET', 'POST', 'DELETE', 'PATCH'])('answers %s with 404', async (method) => {
    const before = dumpStore(app.storePath)
    const answer = await browser.call(method, path)

    expectProblem(answer, 404, 'not_found')
    if (path.startsWith('/auth')) expectNotCached(answer)
    expect(dumpStore(app.storePath)).toEqual(before)
  })
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'])('%s on the page is refused', async (method) => {
  const answer = await browser.call(method, '/')

  expect([404, 405]).toContain(answer.status)
  expectProblem(answer, answer.status, answer.status === 404 ? 'not_found' : 'method_not_allowed')
})

describe.each(['GET', 'HEAD'])('%s changes nothing', (method) => {
  test('A15: where the query asks for a change', async () => {
    const before = dumpStore(app.storePath)
    await browser.call(method, '/auth/session?_method=DELETE', undefined, {
      'X-HTTP-Method-Override': 'DELETE',
    })
    const answer = await browser.call(method, '/auth/otp/send?email=eve@example.com')

    expect(answer.status).toBe(405)
    expect(dumpStore(app.storePath)).toEqual(before)
  })
})

test('a TRACE echoes nothing of the request', async () => {
  const answer = await exchange({
    port: app.port,
    method: 'TRACE',
    path: '/',
    headers: { Host: app.host, Cookie: 'holdfast=canary' },
  })

  expect(answer.text).not.toContain('canary')
})

function allowed(header: string | undefined): string[] {
  return (header ?? '').split(', ').sort()
}
