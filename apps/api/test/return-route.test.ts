import { dumpStore } from '@holdfast/store/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { expectNotCached, securityHeaders } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

const target = 'https://app.example.com/orders?page=2'
const asked = `/auth/return?return_to=${encodeURIComponent(target)}`

let app: RunningApp
let signedIn: Browser
let signedInWithCode: Browser
let withCode: Browser

beforeAll(async () => {
  app = await startApp({
    isProduction: true,
    environment: { RETURN_TO_ORIGINS: 'https://app.example.com, https://shop.example:8443' },
  })
  signedIn = app.newBrowser()
  await signedIn.signIn(app, 'ada@example.com')
  signedInWithCode = app.newBrowser()
  await signedInWithCode.signIn(app, 'cy@example.com')
  await app.beginVerification(signedInWithCode, 'cy@work.example.com')
  withCode = app.newBrowser()
  await app.beginVerification(withCode, 'bob@example.com')
  return () => app[Symbol.asyncDispose]()
})

async function locationFor(browser: Browser, path: string, method = 'GET'): Promise<string | undefined> {
  const before = dumpStore(app.storePath)
  const answer = await browser.call(method, path, undefined, { 'Sec-Fetch-Site': 'cross-site' })

  expect(answer.status).toBe(303)
  expect(answer.headers).toMatchObject(securityHeaders)
  expectNotCached(answer)
  expect(answer.setCookies).toEqual([])
  expect(answer.text).toBe('')
  expect(dumpStore(app.storePath)).toEqual(before)
  return answer.headers.location
}

describe.each(['GET', 'HEAD'])('%s /auth/return', (method) => {
  test('leads on to a listed origin when signed in', async () => {
    expect(await locationFor(signedIn, asked, method)).toBe(target)
  })

  test('leads on who is signed in and asks for another code, as the check lets through', async () => {
    expect((await signedInWithCode.session()).body.state).toBe('code_sent')
    expect((await signedInWithCode.call('GET', '/auth/check')).status).toBe(204)

    expect(await locationFor(signedInWithCode, asked, method)).toBe(target)
  })

  test('leads on to a path of the service itself when signed in', async () => {
    expect(await locationFor(signedIn, '/auth/return?return_to=%2Faccount%3Fa%3Db', method)).toBe(
      'https://login.example.com/account?a=b',
    )
  })

  test.each(['nobody', 'with a code'])('leads to the page with the target for one who is %s', async (who) => {
    const browser = who === 'nobody' ? app.newBrowser() : withCode

    expect(await locationFor(browser, asked, method)).toBe(`/?return_to=${encodeURIComponent(target)}`)
  })

  test.each([
    '/auth/return',
    '/auth/return?return_to=',
    '/auth/return?return_to=https%3A%2F%2Fevil.example%2F',
    '/auth/return?return_to=//evil.example',
    '/auth/return?return_to=/\\evil.example',
    '/auth/return?return_to=%2F%09%2Fevil.example',
    '/auth/return?return_to=%2F%0d%0aSet-Cookie:a=b',
    '/auth/return?return_to=javascript:alert(1)',
    '/auth/return?return_to=https%3A%2F%2Fapp.example.com%40evil.example',
    '/auth/return?return_to=http%3A%2F%2Fapp.example.com%2F',
    '/auth/return?return_to=%zz',
    '/auth/return?return_to=%ff',
    `${asked}&return_to=https%3A%2F%2Fevil.example%2F`,
    `/auth/return?return_to[]=${encodeURIComponent(target)}`,
    `/auth/return?return_to=/${'a'.repeat(6_000)}`,
    // More than a form of the page could carry from step to step.
    `/auth/return?return_to=/${'%26'.repeat(683)}`,
  ])('A14, R48: leads to the page alone for %s, signed in or not', async (path) => {
    expect(await locationFor(signedIn, path, method)).toBe('/')
    expect(await locationFor(app.newBrowser(), path, method)).toBe('/')
  })
})

test('after a sign-out the way on leads to the page', async () => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'eve@example.com')
  const { cookie } = browser
  await browser.logout()
  browser.cookie = cookie

  const answer = await browser.call('GET', asked)

  expect(answer.headers.location).toBe(`/?return_to=${encodeURIComponent(target)}`)
})

test('while the store is out nobody is led anywhere and the cookie stays', async () => {
  await using broken = await startApp({ environment: { RETURN_TO_ORIGINS: 'https://app.example.com' } })
  const browser = broken.newBrowser()
  await browser.signIn(broken, 'ada@example.com')
  broken.closeStore()

  const answer = await browser.call('GET', asked)

  expect([answer.status, answer.headers.location, answer.setCookies]).toEqual([503, undefined, []])
})

test('in development a path is one of the loopback name and port that was asked', async () => {
  await using development = await startApp()
  const browser = development.newBrowser()
  await browser.signIn(development, 'ada@example.com')
  const lead = async (host: string) =>
    (await browser.call('GET', '/auth/return?return_to=/x', undefined, { Host: host })).headers.location

  expect(await lead(`127.0.0.1:${development.port}`)).toBe(`http://127.0.0.1:${development.port}/x`)
  expect(await lead('localhost:5173')).toBe('http://localhost:5173/x')
  expect(await lead('localhost:99999')).toBe(`http://localhost:${development.port}/x`)
})
