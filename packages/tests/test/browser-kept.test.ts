import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { buildNextRelease } from '../src/next-release.ts'
import {
  addressField,
  askForCodeOnPage,
  codeField,
  openPage,
  signedInHeading,
  startAgain,
  untilAlive,
} from '../src/sign-in-page.ts'

function keptDraft(page: Page): Promise<string | null> {
  return page.evaluate(() => sessionStorage.getItem('holdfast-draft'))
}

test('in a browser, a reload, another page and "back" keep the step and the digits, and typing goes on behind them', async () => {
  const { holdfast, server, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  await codeField(page).pressSequentially(code.slice(0, 2))

  await page.reload()
  await untilAlive(page, 'code')
  expect(await codeField(page).inputValue()).toBe(code.slice(0, 2))
  await page.keyboard.type(code.slice(2, 4))

  await page.goto(`${server.origin}/healthz`)
  await page.goBack()
  await untilAlive(page, 'code')
  expect(await codeField(page).inputValue()).toBe(code.slice(0, 4))
  await page.keyboard.type(code.slice(4))

  await signedInHeading(page).waitFor()
  expect(await keptDraft(page)).toBeNull()
})

test('in a browser, a page that is put to sleep while the person reads the mail goes on where it was', async () => {
  const { holdfast, server, context, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  await codeField(page).pressSequentially(code.slice(0, 3))
  const devtools = await context.newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
  await server.process.kill()
  await startAgain(holdfast, server)
  await devtools.send('Page.setWebLifecycleState', { state: 'active' })
  await codeField(page).pressSequentially(code.slice(3))
  await signedInHeading(page).waitFor()
})

test('in a browser, a page that a phone has thrown away comes back with its step and its digits', async () => {
  const { holdfast, server, context, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  await codeField(page).pressSequentially(code.slice(0, 3))
  // Nothing but this session survives the end of the page's process.
  const devtools = await context.newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  devtools.send('Page.crash').catch(() => {})
  await crashed
  await devtools.send('Page.reload')

  const typed = async (): Promise<unknown> => {
    const expression =
      "document.querySelector('[data-step]').dataset.step + ' ' + document.activeElement?.value"
    const { result } = await devtools.send('Runtime.evaluate', { expression })
    return result.value
  }
  await expect.poll(typed).toBe(`code ${code.slice(0, 3)}`)
  await devtools.send('Input.insertText', { text: code.slice(3) })
  await expect.poll(typed).toMatch(/^signed_in/)
})

test('in a browser, a new version deployed in between breaks nothing, neither in its page nor in one of the old', async () => {
  const next = await buildNextRelease()
  const { holdfast, server, context, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  const old = await context.newPage()
  await old.goto(server.origin)
  await untilAlive(old, 'code')
  const oldScript = await old.evaluate(() => document.querySelector<HTMLScriptElement>('script[src]')?.src)
  await codeField(page).pressSequentially(code.slice(0, 3))
  await server.process.stop()
  await startAgain(holdfast, server, next)
  expect((await fetch(oldScript ?? '')).status).toBe(404)

  await page.reload()
  await untilAlive(page, 'code')
  const releaseOf = (one: Page) => one.evaluate(() => document.documentElement.dataset.release)
  expect(await releaseOf(page)).toBe('next')
  expect(await codeField(page).inputValue()).toBe(code.slice(0, 3))
  await codeField(old).fill(code)
  await signedInHeading(old).waitFor()
  await signedInHeading(page).waitFor()
  expect(await releaseOf(old)).toBeUndefined()
})

test('in a browser, a reload while a whole code waits for the service goes on trying it', async () => {
  const { holdfast, server, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  let isBack = false
  await page.route('**/auth/otp/verify', (route) =>
    isBack ? route.continue() : route.abort('connectionrefused'),
  )
  await codeField(page).fill(code)
  await page.getByRole('status').filter({ hasText: 'Reconnecting. Your code is kept' }).waitFor()
  await page.reload()
  await untilAlive(page, 'code')
  expect(await codeField(page).inputValue()).toBe(code)
  isBack = true
  await signedInHeading(page).waitFor()
})

test('in a browser, an address is kept over a reload until it is used, and digits until they are of no use', async () => {
  const { server, page } = await openPage()
  await page.goto(server.origin)
  await untilAlive(page, 'email')
  await addressField(page).pressSequentially('ada@exam')
  await page.reload()
  await untilAlive(page, 'email')
  expect(await addressField(page).inputValue()).toBe('ada@exam')
  await page.keyboard.type('ple.com')
  await page.keyboard.press('Enter')
  await codeField(page).waitFor()
  expect(await keptDraft(page)).toBeNull()

  await codeField(page).pressSequentially('123')
  expect(await keptDraft(page)).toContain('"123"')
  await page.getByRole('button', { name: 'Use another address' }).click()
  await addressField(page).waitFor()
  expect(await keptDraft(page)).not.toContain('"123"')
})

test('in a browser, other tabs notice by themselves that one of them has signed in, and out', async () => {
  const { holdfast, server, context, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  const other = await context.newPage()
  await other.goto(server.origin)
  await untilAlive(other, 'code')

  await codeField(page).fill(code)
  await Promise.all([page, other].map((tab) => signedInHeading(tab).waitFor()))

  await other.getByRole('button', { name: 'Sign out', exact: true }).click()
  await Promise.all([page, other].map((tab) => addressField(tab).waitFor()))
  await page.getByText('You are signed out', { exact: true }).waitFor()
})

test('in a browser, a new code asked for in a second tab leaves the digits of the first, which signs both in', async () => {
  const { holdfast, server, context, page } = await openPage({ OTP_RESEND_SECONDS: '0' })
  const code = await askForCodeOnPage(page, holdfast, server)
  await codeField(page).pressSequentially(code.slice(0, 3))
  const second = await context.newPage()
  await second.goto(server.origin)
  await untilAlive(second, 'code')
  // What is typed belongs to its tab.
  expect(await codeField(second).inputValue()).toBe('')

  const looked = page.waitForResponse('**/auth/session')
  await second.getByRole('button', { name: 'Send a new code' }).click()
  await second.getByText('A new code is on its way.').waitFor()
  await looked
  await holdfast.mailServer.nextMail('ada@example.com')
  expect(await codeField(page).inputValue()).toBe(code.slice(0, 3))
  await codeField(page).pressSequentially(code.slice(3))
  await Promise.all([page, second].map((tab) => signedInHeading(tab).waitFor()))
})
