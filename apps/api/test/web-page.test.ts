import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { expectProblem, securityHeaders } from './problem-answer.ts'
import { exchangeRaw } from './raw-socket.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp({ isProduction: true })
  return () => app[Symbol.asyncDispose]()
})

const get = (path: string, headers = {}) => app.newBrowser().call('GET', path, undefined, headers)

test.each(['/', '/sign-in', '/index.html', '/some/deep/page', '/?next=//evil.example'])(
  'R47, A32: %s is the page, kept by nobody, framed by nobody, and runs its own script alone',
  async (path) => {
    const answer = await get(path)

    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text).view).toEqual({ state: 'anonymous' })
    expect(answer.headers).toMatchObject({
      ...securityHeaders,
      'cache-control': 'no-store',
      vary: 'Cookie, Accept-Language',
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(
        /script-src 'self';.*base-uri 'none';.*frame-ancestors 'none'/,
      ),
      'cross-origin-opener-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'strict-transport-security': expect.stringMatching(/^max-age=31536000/),
    })
    expect(answer.setCookies).toEqual([])
  },
)

test.each([
  ['/', undefined],
  ['/?return_to=https%3A%2F%2Fapp.example.com%2F', 'noindex'],
  ['/?notice=v1', 'noindex'],
  ['/sign-in', 'noindex'],
  ['/auth/session', 'noindex'],
  ['/auth/gone', 'noindex'],
  ['/dev', 'noindex'],
  ['/dev/mail', 'noindex'],
])('a search engine is told of %s: %s', async (path, told) => {
  const development = await startApp()
  onTestFinished(() => development[Symbol.asyncDispose]())

  for (const { newBrowser } of [app, development]) {
    const { headers } = await newBrowser().call('GET', path)
    expect(headers['x-robots-tag']).toBe(told)
  }
})

test('a file with its hash in the name is kept for good', async () => {
  const answer = await get('/assets/app-1a2b3c.js')

  expect(answer.status).toBe(200)
  expect(answer.headers['cache-control']).toBe('max-age=31536000,immutable')
  expect(answer.headers['content-type']).toMatch(/^(text|application)\/javascript/)
})

test.each([
  ['gzip, deflate, br', 'br'],
  ['identity', undefined],
])('for Accept-Encoding %s a file comes as it was made at the build', async (accepted, encoding) => {
  const answer = await get('/assets/app-1a2b3c.js', { 'Accept-Encoding': accepted })

  expect(answer.headers['content-encoding']).toBe(encoding)
  expect(answer.headers['content-type']).toMatch(/javascript/)
  expect(answer.headers.vary).toBe('Accept-Encoding')
})

test('a file that keeps its name is asked for again each time', async () => {
  const answer = await get('/favicon.svg')

  expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-cache'])
})

test('a file that is not there is 404 and is not kept for good', async () => {
  const answer = await get('/assets/app-gone.js')

  expectProblem(answer, 404, 'not_found')
  expect(answer.headers['cache-control'] ?? '').not.toContain('immutable')
})

test.each([
  '/../holdfast.db',
  '/%2e%2e/holdfast.db',
  '/assets/..%2f..%2fholdfast.db',
  '/assets/%2e%2e/%2e%2e/secret_key.txt',
  '/..%5choldfast.db',
  '//etc/passwd.txt',
  '/assets/',
  '/assets/%00.js',
  '/a%00.js',
  '/assets/%ff.js',
  '/assets/%',
  '/.env',
  `/assets/${'a'.repeat(4000)}.js`,
  '/assets/app-1a2b3c.js/more.js',
  '/assets/../index.html',
  '/assets/..%2findex.html',
  '/assets/%2e%2e/index.html',
  '/assets/..%5cindex.html',
  '/assets/./app-1a2b3c.js',
  '/assets/%61pp-1a2b3c.js',
  '/%61ssets/app-1a2b3c.js',
  '/%69ndex.html',
  '/INDEX.HTML',
  '/x/../index.html',
  '/x/..%2findex.html',
])('A37: %s gives nothing away and is no server error', async (path) => {
  const { text, statuses } = await exchangeRaw(
    app.port,
    `GET ${path} HTTP/1.1\r\nHost: ${app.host}\r\nConnection: close\r\n\r\n`,
  )

  expect([400, 403, 404]).toContain(statuses[0])
  expect(text).toMatch(/\r\nContent-Type: application\/problem\+json/i)
  expect(text).not.toMatch(/SQLite|root:|page-body|export|immutable/)
})
