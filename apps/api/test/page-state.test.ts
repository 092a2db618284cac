import { beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Browser } from './browser.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

async function pageOf(browser: Browser, path = '/', headers = {}) {
  const answer = await browser.call('GET', path, undefined, headers)
  return { ...answer, data: JSON.parse(answer.text) }
}

test('the page is made of the same view as the API answers, at each step', async () => {
  const browser = app.newBrowser()
  const steps = ['anonymous', 'code_sent', 'signed_in']
  const goOn = [
    () => app.beginVerification(browser, 'ada@example.com'),
    (mail: { code: string }) => browser.verify(mail.code),
  ]
  let mail = { code: '' }
  for (const [index, step] of steps.entries()) {
    const { data, status } = await pageOf(browser)
    expect(status).toBe(200)
    expect(data.view.state).toBe(step)
    expect(data.view).toEqual((await browser.session()).body)
    expect(data.renderedAtMs).toBe(app.clock.nowMs)
    mail = ((await goOn[index]?.(mail)) ?? mail) as { code: string }
  }
})

test('the page knows how many tries there are, to say when they are fewer', async () => {
  const limited = await startApp({ environment: { OTP_MAX_ATTEMPTS: '3' } })
  onTestFinished(() => limited[Symbol.asyncDispose]())
  const { data } = await pageOf(limited.newBrowser())
  expect(data.settings.maxAttempts).toBe(3)
})

test('the page knows why a session is over, and its reference, where the API only says that nobody is there', async () => {
  const browser = app.newBrowser()
  const { reference } = await app.beginVerification(browser, 'bob@example.com').then(async (mail) => {
    const { body } = await browser.session()
    await browser.verify(mail.code)
    return body.verification as { reference: string }
  })
  const { cookie } = browser
  await browser.logout()
  browser.cookie = cookie

  expect((await browser.session()).body).toEqual({ state: 'anonymous' })
  expect((await pageOf(browser)).data.rejected).toEqual({ reason: 'signed_out', reference })
  expect(app.log.events('info').at(-1)).toMatchObject({ message: 'session does not hold', reference })
})

test.each([
  ['a stranger', undefined],
  ['a forger', `holdfast=v1.aaaaaaaa.${'a'.repeat(51)}.${'a'.repeat(43)}`],
])('of %s the page knows no more than that', async (who, cookie) => {
  const browser = app.newBrowser()
  browser.cookie = cookie
  const { data } = await pageOf(browser)
  expect(data.view).toEqual({ state: 'anonymous' })
  expect(data.rejected).toEqual(who === 'a stranger' ? null : { reason: 'key_unknown' })
})

test.each([
  ['de-AT,en;q=0.5', 'de'],
  ['tlh, ar;q=0.8', 'ar'],
  ['tlh', 'en'],
])('for Accept-Language %s the page is in %s', async (wanted, language) => {
  const { data } = await pageOf(app.newBrowser(), '/', { 'Accept-Language': wanted })
  expect(data.language).toBe(language)
})

test.each([
  ['/?return_to=https%3A%2F%2Fapp.example%2Fx', 'https://app.example/x'],
  ['/?return_to=a&return_to=b', ''],
  ['/', ''],
])('%s leads on to "%s" later; whether it may, the way there decides', async (path, returnTo) => {
  expect((await pageOf(app.newBrowser(), path)).data.returnTo).toBe(returnTo)
})

test('while the store is out the page says that it waits, and the browser keeps its cookie', async () => {
  await using broken = await startApp()
  const browser = broken.newBrowser()
  await browser.signIn(broken, 'ada@example.com')
  broken.closeStore()

  const answer = await pageOf(browser, '/?return_to=/x')

  expect([answer.status, answer.headers['retry-after'], answer.setCookies]).toEqual([503, '2', []])
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.data).toMatchObject({
    view: null,
    problem: { code: 'store_unavailable', retryAfterInSeconds: 2 },
    returnTo: '/x',
  })
  expect((await broken.newBrowser().call('GET', '/')).status).toBe(200)
})

test('a page that cannot be made is told like any other error', async () => {
  const renderPage = async () => {
    throw new Error('nothing to see')
  }
  await using broken = await startApp({ renderPage })
  const answer = await broken.newBrowser().call('GET', '/')
  expect([answer.status, answer.body?.code]).toEqual([500, 'internal'])
})
