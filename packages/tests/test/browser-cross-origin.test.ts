import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { startOtherSite } from '../src/other-site.ts'

interface Call {
  url: string
  method: 'GET' | 'POST' | 'DELETE'
  credentials: 'include' | 'omit'
  body?: object
  token?: string
}

interface Answer {
  status: number
  body: { state?: string; token?: string; code?: string }
  requestId: string | null
}

/** What a script on the page gets; a text where the browser keeps the answer from it. */
function fetchOnPage(page: Page, call: Call): Promise<Answer | string> {
  return page.evaluate(async ({ url, method, credentials, body, token }: Call) => {
    try {
      const response = await fetch(url, {
        method,
        credentials,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      })
      const text = await response.text()
      return {
        status: response.status,
        body: text === '' ? {} : JSON.parse(text),
        requestId: response.headers.get('x-request-id'),
      }
    } catch (error) {
      return String(error)
    }
  }, call)
}

async function openSites() {
  const app = await startOtherSite()
  const holdfast = await createInstallation({ CORS_ORIGINS: `${app.sameSite}, ${app.crossSite}` })
  const server = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext()
  const page = await context.newPage()
  return { app, holdfast, server, context, page }
}

test('in a browser, a listed page of the same site signs in with the cookie', async () => {
  const { app, holdfast, server, context, page } = await openSites()
  await page.goto(app.sameSite)
  const call = (method: Call['method'], path: string, body?: object) =>
    fetchOnPage(page, {
      url: server.origin + path,
      method,
      credentials: 'include',
      ...(body === undefined ? {} : { body }),
    })

  expect(await call('POST', '/auth/otp/send', { email: 'ada@example.com' })).toMatchObject({
    status: 202,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  const signedIn = await call('POST', '/auth/otp/verify', { code })
  const session = await call('GET', '/auth/session')
  const loggedOut = await call('POST', '/auth/logout')

  expect(signedIn).toMatchObject({ status: 200, body: { state: 'signed_in' } })
  expect(session).toMatchObject({ status: 200, body: { state: 'signed_in' } })
  expect(loggedOut).toMatchObject({ status: 204 })
  expect(await context.cookies()).toEqual([])
})

test('in a browser, a listed page of another site signs in as bearer, and gets no cookie', async () => {
  const { app, holdfast, server, context, page } = await openSites()
  await page.goto(app.crossSite)
  const call = (method: Call['method'], path: string, more: { body?: object; token?: string }) =>
    fetchOnPage(page, { url: server.origin + path, method, credentials: 'omit', ...more })
  const answered = (answer: Answer | string): Answer => {
    if (typeof answer === 'string') throw new Error(answer)
    return answer
  }

  const body = { email: 'ada@example.com', transport: 'bearer' }
  const sent = answered(await call('POST', '/auth/otp/send', { body }))
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  const wrong = { body: { code: code === '000000' ? '000001' : '000000' }, token: sent.body.token ?? '' }
  const refused = answered(await call('POST', '/auth/otp/verify', wrong))
  const right = { body: { code }, token: sent.body.token ?? '' }
  const verified = answered(await call('POST', '/auth/otp/verify', right))
  const session = await call('GET', '/auth/session', { token: verified.body.token ?? '' })

  expect(refused).toMatchObject({ status: 403, body: { code: 'code_incorrect' } })
  expect(session).toMatchObject({ status: 200, body: { state: 'signed_in' } })
  expect(await context.cookies()).toEqual([])
})

test('A15: in a browser, a page that is not listed begins nothing and reads nothing', async () => {
  const { holdfast, server, page } = await openSites()
  const evil = await startOtherSite()
  const email = 'victim@example.com'

  for (const origin of [evil.sameSite, evil.crossSite]) {
    await page.goto(origin)
    for (const credentials of ['include', 'omit'] as const) {
      const url = `${server.origin}/auth/otp/send`
      expect(await fetchOnPage(page, { url, method: 'POST', credentials, body: { email } })).toMatch(
        /^TypeError/,
      )
      const session = { url: `${server.origin}/auth/session`, method: 'GET', credentials } as const
      expect(await fetchOnPage(page, session)).toMatch(/^TypeError/)
    }
    // Without a preflight, as forms and beacons do. Cross-Origin-Resource-Policy hides even that it was answered.
    await page.evaluate(
      ({ url, text }) =>
        fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: text }).catch(() => {}),
      { url: `${server.origin}/auth/otp/send`, text: JSON.stringify({ email }) },
    )
    await server.process.log(({ code }) => code === 'cross_site_request')
  }
  // A mail that goes out after all that is the first one.
  await page.goto(server.origin)
  await page.getByRole('textbox', { name: 'Email' }).fill('ada@example.com')
  await page.keyboard.press('Enter')
  await holdfast.mailServer.nextMail('ada@example.com')
  expect(holdfast.mailServer.mails.map(({ recipients }) => recipients)).toEqual([['ada@example.com']])
})
