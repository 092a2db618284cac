import { dumpStore } from '@holdfast/store/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { securityHeaders } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

const paths = [
  ...['/', '/some/page', '/assets/app-1a2b3c.js', '/assets/none.js', '/index.html', '/none.txt'],
  ...['/auth/session', '/auth/sessions', '/auth/sessions/x', '/auth/check', '/auth/session-debug'],
  ...['/auth/otp', '/auth/otp/send', '/auth/otp/resend', '/auth/otp/verify', '/auth/logout', '/auth/unknown'],
  ...['/auth/otp/send?email=eve@example.com', '/auth/otp/verify?code=000000', '/auth/logout?everywhere=true'],
  ...['/auth/return', '/auth/return?return_to=/x', '/auth/return?return_to=https://evil.example/'],
  ...[
    '/dev',
    '/dev/mail',
    '/dev/mail?to=ada@example.com',
    '/dev/mail/%3Cx@example.com%3E/html',
    '/dev/mailbox?about=ada',
    '/dev/state?reference=HF-7K3M-9QXP',
    '/dev/pulse',
    '/dev/assets/dev-1a2b3c.js',
    '/dev/none',
    '/openapi.json',
    '/healthz',
    '/readyz',
    '/metrics',
  ],
]
const methods = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
const visitors = [
  'a stranger',
  'one with a code',
  'one who is signed in',
  'one who has signed out',
  'a forger',
] as const

let app: RunningApp
const browsers = new Map<(typeof visitors)[number], Browser>()

beforeAll(async () => {
  app = await startApp()
  for (const visitor of visitors) browsers.set(visitor, app.newBrowser())
  const browserOf = (visitor: (typeof visitors)[number]) => browsers.get(visitor) as Browser
  await app.beginVerification(browserOf('one with a code'), 'ada@example.com')
  await browserOf('one who is signed in').signIn(app, 'bob@example.com')
  const leaver = browserOf('one who has signed out')
  await leaver.signIn(app, 'eve@example.com')
  const { cookie } = leaver
  await leaver.logout()
  leaver.cookie = cookie
  browserOf('a forger').cookie = `holdfast=v1.aaaaaaaa.${'a'.repeat(51)}.${'a'.repeat(43)}`
  return () => app[Symbol.asyncDispose]()
})

afterAll(() => {
  expect(app.log.events('error')).toEqual([])
})

describe.each(visitors)('to %s', (visitor) => {
  describe.each(methods)('%s changes nothing', (method) => {
    test.each(paths)('on %s', async (path) => {
      const browser = browsers.get(visitor) as Browser
      const before = recordsOf(app)

      const { status, headers, setCookies } = await browser.call(method, path, undefined, {
        'X-HTTP-Method-Override': 'DELETE',
      })

      expect(status).toBeLessThan(500)
      expect(headers).toMatchObject(securityHeaders)
      expect(setCookies).toEqual([])
      expect(recordsOf(app)).toEqual(before)
    })
  })
})

test('a sign-in that is looked at later is only noted as seen', async () => {
  app.advance(120_000)
  const before = dumpStore(app.storePath)
  const browser = browsers.get('one who is signed in') as Browser

  for (const path of paths) await browser.call('GET', path)
  const after = dumpStore(app.storePath)

  const unseen = ({ signIns = [], ledger: _ledger, ...records }: typeof after) => ({
    ...records,
    signIns: signIns.map((row) => ({ ...(row as object), lastSeenAtMs: 0 })),
  })
  expect(unseen(after)).toEqual(unseen(before))
  expect(after.signIns).not.toEqual(before.signIns)
})

/** All that is kept, but for the ledger, which tells of refusals, and the row by which readiness is tried. */
function recordsOf({ storePath }: RunningApp) {
  const { ledger: _ledger, ...records } = dumpStore(storePath)
  return records
}
