import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { gatherPageFaults } from '../src/page-faults.ts'
import { addressField, codeField, holdScripts, openPage, signedInHeading } from '../src/sign-in-page.ts'

const email = 'ada@example.com'

/** Resolves once the code of the page runs. */
async function alive(page: Page): Promise<void> {
  await page.getByText(/New code in/).waitFor()
}

test('in a browser, the first HTML has the right step, and what is typed before the script comes stays', async () => {
  const { holdfast, server, context, page } = await openPage({ OTP_RESEND_SECONDS: '600' })
  const faults = await gatherPageFaults(context)

  // The address goes off as a form: no script has come yet.
  const letGoFirst = await holdScripts(context)
  await page.goto(server.origin, { waitUntil: 'commit' })
  await addressField(page).fill(email)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Check your email' }).waitFor()
  const html = await context.request.get(server.origin)
  expect(await html.text()).toMatch(/<h1[^>]*>Check your email<\/h1>/)

  const { code } = await holdfast.mailServer.nextMail(email)
  await codeField(page).pressSequentially(code.slice(0, 4))
  letGoFirst()
  await alive(page)
  expect(await codeField(page).inputValue()).toBe(code.slice(0, 4))
  await page.keyboard.type(code.slice(4))
  await signedInHeading(page).waitFor()
  expect(faults).toEqual([])
})

test('in a browser, an address that is typed while the script is on its way stays as it is typed', async () => {
  const { server, context, page } = await openPage()
  const letGo = await holdScripts(context)
  await page.goto(`${server.origin}/?notice=x`, { waitUntil: 'commit' })
  const field = addressField(page)
  await field.pressSequentially('ada@exam')
  letGo()
  // The page takes the notice out of its address as it comes to life.
  await page.waitForURL(`${server.origin}/`)
  await page.keyboard.type('ple.com')
  expect(await field.inputValue()).toBe(email)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Check your email' }).waitFor()
})

test('in a browser, an address that was refused before the script came has the focus, and typing goes on behind it', async () => {
  const { server, context, page } = await openPage()
  const letGo = await holdScripts(context)
  await page.goto(server.origin, { waitUntil: 'commit' })
  const field = addressField(page)
  await field.fill('ada@')
  await page.keyboard.press('Enter')
  await page.getByText('That is not a full email address.').waitFor()
  await page.locator('#email:focus').waitFor()
  letGo()
  await page.waitForURL((url) => url.search === '')
  await page.keyboard.type('example.com')
  expect(await field.inputValue()).toBe(email)
})
