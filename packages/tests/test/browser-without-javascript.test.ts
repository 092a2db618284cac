import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { focusedElement } from '../src/focused-element.ts'
import { createInstallation } from '../src/installation.ts'
import { startOtherSite } from '../src/other-site.ts'
import { wrongCode } from '../src/sign-in.ts'

const email = 'ada@example.com'

/** Opens a page in which no code runs. */
async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await startBrowser()
  const context = await browser.newContext({ javaScriptEnabled: false, ...options })
  return context.newPage()
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByRole('textbox', { name: 'code' }).fill(code)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('without JavaScript, a code that was asked for before a kill signs in after it, wrong code and all', async () => {
  const holdfast = await createInstallation({ OTP_RESEND_SECONDS: '0' })
  const first = await holdfast.start()
  const page = await openPage()

  await page.goto(first.origin)
  await page.getByRole('textbox', { name: 'Email' }).fill(email)
  await page.getByRole('button', { name: 'Email me a code' }).click()
  await page.getByRole('heading', { name: 'Check your email' }).waitFor()
  const { code } = await holdfast.mailServer.nextMail(email)

  await first.process.kill()
  await holdfast.start({ env: { PORT: String(first.port) } })

  await enterCode(page, wrongCode(code))
  await page.getByText('That is not the right code.').waitFor()
  expect(await page.getByText('4 tries left.').count()).toBe(1)
  await page.getByRole('button', { name: 'Send a new code' }).click()
  await page.getByText('A new code is on its way.').waitFor()
  // A mail that was handed over in the moment of the kill comes once more.
  while ((await holdfast.mailServer.nextMail(email)).code === code);

  await enterCode(page, `${code.slice(0, 3)} ${code.slice(3)}`)
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
  expect(new URL(page.url()).search).toBe('')
  await page.reload()
  await page.getByText(email).waitFor()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByText('You are signed out.').waitFor()
  expect(await page.context().cookies()).toEqual([])
})

test('without JavaScript, the page says what is wrong with an address and keeps it, and when a new code can be sent', async () => {
  const holdfast = await createInstallation({ OTP_RESEND_SECONDS: '600' })
  const server = await holdfast.start()
  const page = await openPage()

  await page.goto(`${server.origin}/sign-in`)
  await page.getByRole('textbox', { name: 'Email' }).fill('ada@')
  await page.keyboard.press('Enter')
  await page.getByText('That is not a full email address.').waitFor()
  expect(await page.getByRole('textbox', { name: 'Email' }).inputValue()).toBe('ada@')

  await page.getByRole('textbox', { name: 'Email' }).fill(email)
  await page.keyboard.press('Enter')
  await page.getByText(/You can ask for a new code after \d\d:\d\d:\d\d UTC\./).waitFor()
  await page.getByRole('button', { name: 'Send a new code' }).click()
  await page.getByText('That was too soon or too often.').waitFor()
  await page.getByRole('button', { name: 'Use another address' }).click()
  await page.getByRole('textbox', { name: 'Email' }).waitFor()
  expect(await page.getByRole('alert').count()).toBe(0)
})

test('without JavaScript, the field in error has the focus, says so, and can be typed in at once', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const page = await openPage()

  await page.goto(`${server.origin}/sign-in`)
  expect(await page.locator('[autofocus]').count()).toBe(0)
  await page.getByRole('textbox', { name: 'Email' }).fill('ada@')
  await page.keyboard.press('Enter')
  await page.getByText('That is not a full email address.').waitFor()
  expect(await focusedElement(page)).toMatchObject({
    role: 'textbox',
    name: 'Email address',
    isInvalid: true,
  })
  await page.keyboard.press('End')
  await page.keyboard.type('example.com')
  await page.keyboard.press('Enter')

  const { code } = await holdfast.mailServer.nextMail(email)
  await page.getByRole('heading', { name: 'Check your email' }).waitFor()
  expect(await page.locator('[autofocus]').count()).toBe(0)
  await enterCode(page, wrongCode(code))
  await page.getByText('That is not the right code.').waitFor()
  expect(await focusedElement(page)).toMatchObject({
    role: 'textbox',
    name: expect.stringMatching(/code/i),
    isInvalid: true,
  })
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
  expect(await page.locator('[autofocus]').count()).toBe(0)
})

test('without JavaScript, a sign-in leads back to a listed origin, and Continue leads there again', async () => {
  const app = await startOtherSite()
  const holdfast = await createInstallation({ RETURN_TO_ORIGINS: app.crossSite })
  const server = await holdfast.start()
  const page = await openPage()
  const target = `${app.crossSite}/orders?page=2`
  const asked = `${server.origin}/?return_to=${encodeURIComponent(target)}`

  await page.goto(asked)
  await page.getByRole('textbox', { name: 'Email' }).fill(email)
  await page.keyboard.press('Enter')
  await enterCode(page, '1')
  await page.getByText('That is not the whole code.').waitFor()
  const { code } = await holdfast.mailServer.nextMail(email)
  await enterCode(page, code)
  await page.waitForURL(target)

  await page.goto(asked)
  await page.getByRole('link', { name: 'Continue' }).click()
  await page.waitForURL(target)
  expect(app.visits).toEqual(['/orders?page=2', '/orders?page=2'])
})

test('without JavaScript, a code that met an outage is there to be sent again, and signs in', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const page = await openPage()
  await page.goto(server.origin)
  await page.getByRole('textbox', { name: 'Email' }).fill(email)
  await page.keyboard.press('Enter')
  const { code } = await holdfast.mailServer.nextMail(email)
  await server.process.log(({ message }) => message === 'code sent')

  const store = new DatabaseSync(join(holdfast.dataFolder, 'holdfast.db'), { timeout: 5_000 })
  onTestFinished(() => {
    if (store.isOpen) store.close()
  })
  store.exec('BEGIN IMMEDIATE')
  await enterCode(page, code)
  await page.getByText('The sign-in service cannot reach its database right now.').waitFor()
  store.close()

  await page.getByRole('button', { name: 'Try now' }).click()
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
})

test('A15: a form of another site begins nothing, although the browser sends it', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const page = await openPage()
  await page.route('http://evil.example/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${server.origin}/sign-in">
        <input name="step" value="send"><input name="email" value="${email}"><button>Win</button></form>`,
    }),
  )
  await page.goto('http://evil.example/')

  const [answer] = await Promise.all([
    page.waitForResponse(`${server.origin}/sign-in`),
    page.getByRole('button', { name: 'Win' }).click(),
  ])

  expect(answer.status()).toBe(403)
  expect(await page.context().cookies()).toEqual([])
  await page.goto(server.origin)
  await page.getByRole('textbox', { name: 'Email' }).waitFor()
})
