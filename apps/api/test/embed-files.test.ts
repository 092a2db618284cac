import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { expectProblem } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

const listed = 'https://app.example.com'
let app: RunningApp

beforeAll(async () => {
  app = await startApp({ isProduction: true, environment: { CORS_ORIGINS: listed } })
  return () => app[Symbol.asyncDispose]()
})

const get = (path: string, headers = {}) => app.newBrowser().call('GET', path, undefined, headers)

test.each([
  ['/embed/holdfast-sign-in.js', 'no-cache'],
  ['/embed/assets/en-1a2b3c.js', 'max-age=31536000,immutable'],
])('a listed page may load %s, which is kept with %s', async (path, kept) => {
  const answer = await get(path, { origin: listed })

  expect(answer.status).toBe(200)
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': listed,
    'cache-control': kept,
    'content-type': expect.stringMatching(/^(text|application)\/javascript/),
    vary: expect.stringContaining('Origin'),
  })
  expect(answer.setCookies).toEqual([])
})

test('a listed page may read how many tries there are, for the element to say when they are fewer', async () => {
  const limited = await startApp({ environment: { CORS_ORIGINS: listed, OTP_MAX_ATTEMPTS: '7' } })
  onTestFinished(() => limited[Symbol.asyncDispose]())

  const answer = await limited.newBrowser().call('GET', '/embed/settings.json', undefined, { origin: listed })

  expect([answer.status, answer.body]).toEqual([200, { maxAttempts: 7 }])
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': listed, 'cache-control': 'no-cache' })
})

test('a page that is not listed may not', async () => {
  const answer = await get('/embed/holdfast-sign-in.js', { origin: 'https://evil.example' })

  expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin')
})

test.each([
  '/embed',
  '/embed/',
  '/embed/gone.js',
  '/embed/assets/',
  '/embed/assets/gone.js',
  '/embed/assets/..%2fholdfast-sign-in.js',
  '/embed/assets/%2e%2e%2fholdfast-sign-in.js',
  '/embed/assets/%65n-1a2b3c.js',
  '/embed/%68oldfast-sign-in.js',
  '/embed/x/..%2fassets/en-1a2b3c.js',
  '/embed/..%2fclient/index.html',
])('%s is 404, and no page', async (path) => {
  const answer = await get(path)

  expectProblem(answer, 404, 'not_found')
  expect(answer.headers['cache-control'] ?? '').not.toContain('immutable')
})
