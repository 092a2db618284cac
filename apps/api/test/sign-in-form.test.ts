import { dumpStore } from '@holdfast/store/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { exchange } from './http-exchange.ts'
import { expectProblem } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp({ environment: { RETURN_TO_ORIGINS: 'https://app.example.com' } })
  return () => app[Symbol.asyncDispose]()
})

/** Sends a form as a browser does, and opens the page that it leads to. */
async function submit(browser: Browser, fields: Record<string, string>) {
  const answer = await browser.post('/sign-in', fields)
  const location = answer.headers.location ?? ''
  const page = location === '' ? undefined : await browser.call('GET', location)
  return { answer, location, data: page === undefined ? undefined : JSON.parse(page.text) }
}

test('a whole sign-in by forms takes the steps of the API, and each leads to the page', async () => {
  const browser = app.newBrowser()
  const sent = await submit(browser, { step: 'send', email: 'ada@example.com' })
  expect([sent.answer.status, sent.location, sent.answer.text]).toEqual([303, '/sign-in', ''])
  expect(sent.data).toMatchObject({ view: { state: 'code_sent' }, problem: null })
  expect(sent.data.view).toEqual((await browser.session()).body)

  const { code } = await app.mails.next('ada@example.com')
  const wrong = await submit(browser, { step: 'verify', code: wrongCode(code) })
  expect(wrong.answer.status).toBe(303)
  expect(wrong.data).toMatchObject({
    view: { state: 'code_sent', verification: { attemptsLeft: 4 } },
    problem: { code: 'code_incorrect', attemptsLeft: 4 },
  })

  const before = browser.cookie
  const right = await submit(browser, { step: 'verify', code: ` ${code.slice(0, 3)}-${code.slice(3)}` })
  expect([right.answer.status, right.location]).toEqual([303, '/sign-in'])
  expect(right.data).toMatchObject({ view: { state: 'signed_in' }, problem: null, hasJustSignedIn: false })
  expect(browser.cookie).not.toBe(before)

  const out = await submit(browser, { step: 'logout' })
  expect(browser.cookie).toBeUndefined()
  expect(out.data).toMatchObject({ view: { state: 'anonymous' }, news: 'news.youSignedOut', rejected: null })
})

test('a form whose answer was lost signs in when it is sent again with the old cookie', async () => {
  const browser = app.newBrowser()
  const { code } = await app.beginVerification(browser, 'lost@example.com')
  const { cookie } = browser
  await submit(browser, { step: 'verify', code })
  const first = browser.cookie
  browser.cookie = cookie

  const again = await submit(browser, { step: 'verify', code })

  expect(again.data.view).toMatchObject({ state: 'signed_in', account: { email: 'lost@example.com' } })
  expect(browser.cookie).toBe(first)
})

test('another code, another address and a sign-out everywhere are forms too', async () => {
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'bob@example.com')
  const soon = await submit(browser, { step: 'resend' })
  expect(soon.data.problem).toMatchObject({ code: 'rate_limited', retryAfterInSeconds: 30 })
  expect(soon.answer.headers['retry-after']).toBeUndefined()
  app.advance(30_000)
  const resent = await submit(browser, { step: 'resend' })
  expect(resent.data).toMatchObject({ news: 'news.resent', view: { verification: { sends: 2 } } })
  const cancelled = await submit(browser, { step: 'cancel' })
  expect([cancelled.location, cancelled.data.view]).toEqual(['/sign-in', { state: 'anonymous' }])

  const other = app.newBrowser()
  await browser.signIn(app, 'eve@example.com')
  await other.signIn(app, 'eve@example.com')
  const { data } = await submit(browser, { step: 'logout_everywhere' })
  expect(data.news).toBe('news.youSignedOutEverywhere')
  expect((await other.session()).body).toEqual({ state: 'anonymous' })
})

test.each(['nobody', 'nobody@', ''])(
  'the typed address "%s" is there again with what is wrong with it',
  async (email) => {
    const { answer, location, data } = await submit(app.newBrowser(), { step: 'send', email })
    expect(answer.setCookies).toEqual([])
    expect(decodeURIComponent(location)).not.toContain('nobody')
    expect(data).toMatchObject({ email, problem: { code: 'invalid_request', errors: [{ path: 'email' }] } })
  },
)

describe('a notice', () => {
  const asked = (location: string) => new URL(location, 'http://localhost').searchParams.get('notice') ?? ''

  test('says nothing to the holder of another session, nor when it was changed', async () => {
    const browser = app.newBrowser()
    await app.beginVerification(browser, 'own@example.com')
    const { location, data } = await submit(browser, { step: 'verify', code: '1' })
    expect(data.problem.code).toBe('code_malformed')
    const notice = asked(location)
    const other = app.newBrowser()
    await app.beginVerification(other, 'other@example.com')
    for (const [who, sealed] of [
      [other, notice],
      [app.newBrowser(), notice],
      [browser, `${notice.slice(0, -4)}AAAA`],
      [browser, 'You have won'],
    ] as const) {
      const page = await who.call('GET', `/sign-in?notice=${encodeURIComponent(sealed)}`)
      expect(JSON.parse(page.text)).toMatchObject({ problem: null, news: null, email: '' })
    }
  })

  const reopen = async (browser: Browser, location: string) =>
    JSON.parse((await browser.call('GET', location)).text)

  test('is not shown ten minutes later', async () => {
    const browser = app.newBrowser()
    await app.beginVerification(browser, 'later@example.com')
    const { location, data } = await submit(browser, { step: 'verify', code: '1' })
    expect(data.problem.code).toBe('code_malformed')
    app.advance(600_001)
    expect((await reopen(browser, location)).problem).toBeNull()
  })

  test('about a code is not shown once the same session waits for none', async () => {
    const browser = app.newBrowser()
    await app.beginVerification(browser, 'gone-on@example.com')
    const { location, data } = await submit(browser, { step: 'verify', code: '1' })
    expect(data.problem.code).toBe('code_malformed')
    const { cookie } = browser
    await submit(browser, { step: 'cancel' })
    expect(browser.cookie).toBe(cookie)
    expect(await reopen(browser, location)).toMatchObject({ view: { state: 'anonymous' }, problem: null })
  })

  test('about a wait is not shown once the wait is over', async () => {
    const browser = app.newBrowser()
    await app.beginVerification(browser, 'waits@example.com')
    const { location, data } = await submit(browser, { step: 'resend' })
    expect(data.problem).toMatchObject({ code: 'rate_limited', retryAfterInSeconds: 30 })
    app.advance(29_999)
    expect((await reopen(browser, location)).problem).toMatchObject({ retryAfterInSeconds: 1 })
    app.advance(1)
    expect((await reopen(browser, location)).problem).toBeNull()
  })

  test('about a sign-in leads nowhere once that was ended from another browser', async () => {
    const [browser, other] = [app.newBrowser(), app.newBrowser()]
    await other.signIn(app, 'ended@example.com')
    const { code } = await app.beginVerification(browser, 'ended@example.com')
    const { location, data } = await submit(browser, { step: 'verify', code, return_to: '/orders' })
    expect(data.hasJustSignedIn).toBe(true)
    await submit(other, { step: 'logout_everywhere' })
    expect(await reopen(browser, location)).toMatchObject({
      view: { state: 'anonymous' },
      hasJustSignedIn: false,
    })
  })
})

describe('a notice for who has no session, made by somebody else,', () => {
  const openAt = async (location: string, headers: Record<string, string>) => {
    const { port, host } = app
    const given = { Host: host, ...headers }
    return JSON.parse((await exchange({ port, method: 'GET', path: location, headers: given })).text)
  }
  const made = async (fields: Record<string, string>) => {
    const browser = app.newBrowser()
    if (fields.step === 'logout') await browser.signIn(app, 'maker@example.com')
    return (await submit(browser, fields)).location
  }

  test.each(['cross-site', 'same-site', 'none', 'nonsense'])(
    'says nothing to who is led to it from elsewhere (%s)',
    async (site) => {
      const headers = { 'Sec-Fetch-Site': site }
      const nothing = { problem: null, news: null, email: '' }
      const refused = await made({ step: 'send', email: 'call 555 now' })
      expect(await openAt(refused, headers)).toMatchObject(nothing)
      expect(await openAt(await made({ step: 'logout' }), headers)).toMatchObject(nothing)
      const byForm = { 'Sec-Fetch-Site': 'same-origin' }
      expect(await openAt(refused, byForm)).toMatchObject({ email: 'call 555 now' })
    },
  )

  test('puts no address and no news on the page of a browser that does not say what led there', async () => {
    const refused = await openAt(await made({ step: 'send', email: 'call 555 now' }), {})
    expect(refused).toMatchObject({ email: '', problem: { code: 'invalid_request' } })
    expect(await openAt(await made({ step: 'logout' }), {})).toMatchObject({ news: null })
  })
})

test('where the sign-in is to lead on is carried from form to form, and the page leads there at last', async () => {
  const browser = app.newBrowser()
  const returnTo = 'https://app.example.com/orders?page=2'
  const sent = await submit(browser, { step: 'send', email: 'cy@example.com', return_to: returnTo })
  expect(sent.data.returnTo).toBe(returnTo)
  const { code } = await app.mails.next('cy@example.com')
  const wrong = await submit(browser, { step: 'verify', code: '', return_to: returnTo })
  expect(wrong.data).toMatchObject({ returnTo, problem: { code: 'code_malformed' } })
  const right = await submit(browser, { step: 'verify', code, return_to: returnTo })
  expect(right.location.startsWith('/sign-in?return_to=')).toBe(true)
  expect(right.data).toMatchObject({ returnTo, hasJustSignedIn: true, view: { state: 'signed_in' } })
})

test('what is carried along leaves room in a form for the longest address and for a code', async () => {
  const escaped = (length: number) => `/${'&'.repeat(length / 3 - 1)}`
  const carried = escaped(2_046)
  const browser = app.newBrowser()
  const sent = await submit(browser, {
    step: 'send',
    email: `${'ü'.repeat(307)}@example.com`,
    return_to: carried,
  })
  expect(sent.answer.status).toBe(303)
  expect(sent.data.returnTo).toBe(carried)
  const dropped = await submit(browser, { step: 'send', email: 'nobody', return_to: escaped(2_052) })
  expect(dropped.data.returnTo).toBe('')
  const page = await browser.call('GET', `/?${new URLSearchParams({ return_to: escaped(2_052) })}`)
  expect(JSON.parse(page.text).returnTo).toBe('')
})

test.each([
  ['no step', 'email=ada%40example.com'],
  ['a step that there is not', 'step=delete&email=ada%40example.com'],
  ['a step of an object', 'step=constructor'],
  ['a field twice', 'step=send&email=ada%40example.com&email=eve%40example.com'],
  ['broken UTF-8', 'step=send&email=%ff%40example.com'],
  ['a token asked for', 'step=send&email=ada%40example.com&transport=bearer'],
  ['nothing', ''],
])('a form with %s is none of the page, and begins nothing', async (_what, body) => {
  const before = dumpStore(app.storePath)
  const answer = await app.newBrowser().postText('/sign-in', body)
  expectProblem(answer, 422, 'invalid_request')
  expect(dumpStore(app.storePath)).toEqual(before)
})

test('a field that no form has is refused by the step, as in JSON', async () => {
  const { data } = await submit(app.newBrowser(), { step: 'send', email: 'ada@example.com', admin: '1' })
  expect(data.problem).toMatchObject({ code: 'invalid_request' })
})

test('JSON is for the API and forms are for the page, and neither may have more than 4 KiB', async () => {
  const browser = app.newBrowser()
  expectProblem(await browser.call('POST', '/sign-in', { step: 'send' }), 415, 'unsupported_media_type')
  const form = await browser.post('/auth/otp/send', { email: 'ada@example.com' })
  expectProblem(form, 415, 'unsupported_media_type')
  const large = await browser.post('/sign-in', { step: 'send', email: 'a'.repeat(4096) })
  expectProblem(large, 413, 'payload_too_large')
})

test.each(['/sign-in/', '/sign-in//', '/Sign-in', '/sign%2Din'])(
  'no form goes to %s, under any type, and it is the page all the same',
  async (path) => {
    const browser = app.newBrowser()
    const before = dumpStore(app.storePath)
    const form = 'step=send&email=ada%40example.com'
    expectProblem(await browser.postText(path, form), 404, 'not_found')
    const asJson = { 'Content-Type': 'application/json' }
    expectProblem(await browser.postText(path, form, asJson), 404, 'not_found')
    expect(dumpStore(app.storePath)).toEqual(before)
    const page = await browser.call('GET', path)
    expect(JSON.parse(page.text).view).toEqual({ state: 'anonymous' })
  },
)

test.each([
  { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
  { 'Sec-Fetch-Site': 'same-site', Origin: 'https://shop.example.com' },
  { 'Sec-Fetch-Site': 'cross-site', Origin: 'null' },
])('A16, R38: a form from elsewhere (%o) begins nothing, signs nobody in and nobody out', async (headers) => {
  const browser = app.newBrowser()
  await browser.signIn(app, 'home@example.com')
  const before = dumpStore(app.storePath)
  const code = { step: 'verify', code: '123456' }
  for (const fields of [{ step: 'send', email: 'eve@example.com' }, code, { step: 'logout' }]) {
    const answer = await browser.post('/sign-in', fields, headers)
    expectProblem(answer, 403, 'cross_site_request')
    expect(answer.setCookies).toEqual([])
  }
  expect(dumpStore(app.storePath)).toEqual(before)
})

test('while the store is out a form is kept to be sent again, and the cookie stays', async () => {
  await using broken = await startApp()
  const browser = broken.newBrowser()
  const { code } = await broken.beginVerification(browser, 'ada@example.com')
  broken.closeStore()
  const fields = { step: 'verify', code, return_to: '/x' }

  const answer = await browser.post('/sign-in', fields)

  expect([answer.status, answer.headers['retry-after'], answer.setCookies]).toEqual([503, '2', []])
  expect(JSON.parse(answer.text)).toMatchObject({ view: null, unsent: fields, returnTo: '/x' })
})
