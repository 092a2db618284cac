import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFaults } from '../src/accessibility.ts'
import { startBrowser } from '../src/browser.ts'
import { startExampleSite } from '../src/example-site.ts'
import { createInstallation } from '../src/installation.ts'
import { keepPicture } from '../src/kept-pictures.ts'
import { gatherPageFaults } from '../src/page-faults.ts'
import { askForCodeOnPage, codeField, holdBack, signedInHeading, startAgain } from '../src/sign-in-page.ts'

async function openExample({ isListed = true, settings = {} } = {}) {
  const site = await startExampleSite('embedded')
  const listed = isListed ? { CORS_ORIGINS: `${site.origin},${site.crossSite}` } : {}
  const holdfast = await createInstallation({ ...listed, ...settings })
  const server = await holdfast.start()
  site.use(server.origin)
  const browser = await startBrowser()
  // What is still fading in has not the contrast that it will have.
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  return { site, holdfast, server, context }
}

/** Whether it has the focus within the element that it stands in. */
function hasFocus(field: Locator): Promise<boolean> {
  return field.evaluate((node) => (node.getRootNode() as ShadowRoot).activeElement === node)
}

test('in a browser, the element signs in and out on a page of another origin of the site, and tells by events', async () => {
  const { site, holdfast, server, context } = await openExample()
  const faults = await gatherPageFaults(context)
  const page = await context.newPage()
  await page.goto(site.origin)
  const email = page.getByRole('textbox', { name: 'Email' })
  await email.waitFor()

  // The page it stands in has the focus, until the person moves it in there.
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY')
  expect(await accessibilityFaults(page)).toEqual([])
  await keepPicture(page, 'embedded-address')
  await email.fill('ada@example.com')
  await page.keyboard.press('Enter')
  const code = page.getByRole('textbox', { name: 'code' })
  await code.waitFor()
  expect(await hasFocus(code)).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])
  await keepPicture(page, 'embedded-code')
  await code.fill((await holdfast.mailServer.nextMail('ada@example.com')).code)
  await page.getByText('Hello ada@example.com').waitFor()

  await page.reload()
  await page.getByText('Hello ada@example.com').waitFor()
  await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  // It is the one sign-in of the browser: the page of the server has it too.
  const own = await context.newPage()
  await own.goto(server.origin)
  await signedInHeading(own).waitFor()
  await page.bringToFront()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByText('You are not signed in.').waitFor()
  await email.waitFor()
  expect(faults).toEqual([])
})

test('in a browser, a script of the page that comes after the element has told finds who is signed in', async () => {
  const { site, holdfast, server, context } = await openExample()
  const page = await context.newPage()
  await codeField(page).fill(await askForCodeOnPage(page, holdfast, server))
  await signedInHeading(page).waitFor()

  const letCome = await holdBack(page, '**/app.js')
  await page.goto(site.origin, { waitUntil: 'commit' })
  await page.getByRole('button', { name: 'Sign out', exact: true }).waitFor()
  letCome()
  await page.getByText('Hello ada@example.com').waitFor()
})

test('in a browser, the element keeps half a code over a reload and through a kill, and signs in by itself', async () => {
  const { site, holdfast, server, context } = await openExample()
  const page = await context.newPage()
  await page.goto(site.origin)
  await page.getByRole('textbox', { name: 'Email' }).fill('ada@example.com')
  await page.keyboard.press('Enter')
  const field = page.getByRole('textbox', { name: 'code' })
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  await field.pressSequentially(code.slice(0, 3))
  await page.reload()
  await expect.poll(() => field.inputValue()).toBe(code.slice(0, 3))

  await server.process.kill()
  await field.click()
  await page.keyboard.type(code.slice(3))
  await page.getByRole('status').filter({ hasText: 'Reconnecting. Your code is kept' }).waitFor()
  expect(await field.inputValue()).toBe(code)
  await startAgain(holdfast, server)
  await page.getByText('Hello ada@example.com').waitFor()
})

test('in a browser, the element leads back to the field for the code once another one was asked for', async () => {
  const { site, holdfast, context } = await openExample({ settings: { OTP_RESEND_SECONDS: '0' } })
  const page = await context.newPage()
  await page.goto(site.origin)
  await page.getByRole('textbox', { name: 'Email' }).fill('ada@example.com')
  await page.keyboard.press('Enter')
  await holdfast.mailServer.nextMail('ada@example.com')

  await page.getByRole('button', { name: 'Send a new code' }).click()
  await holdfast.mailServer.nextMail('ada@example.com')

  const code = page.getByRole('textbox', { name: 'code' })
  await expect.poll(() => hasFocus(code)).toBe(true)
})

test('in a browser, the element takes language and colours of the page, and does without a policy for its styles', async () => {
  const { site, holdfast, context } = await openExample()
  const page = await context.newPage()
  await page.goto(site.origin)
  await page.getByRole('textbox', { name: 'Email' }).waitFor()

  const colours = await page.locator('holdfast-sign-in').evaluate((element) => {
    const button = element.shadowRoot?.querySelector('button[type=submit]')
    return button && getComputedStyle(button).backgroundColor
  })
  expect(colours).toBe('rgb(109, 40, 217)')
  await page.locator('holdfast-sign-in').evaluate((element) => element.setAttribute('lang', 'ar'))
  await page.getByRole('button', { name: 'أرسل' }).waitFor()
  expect(
    await page
      .locator('holdfast-sign-in')
      .evaluate((element) => element.shadowRoot?.querySelector('[lang=ar]')?.getAttribute('dir')),
  ).toBe('rtl')
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('textbox').fill('ada@example.com')
  await page.keyboard.press('Enter')
  const { message } = await holdfast.mailServer.nextMail('ada@example.com')
  expect(message.html).toContain('lang="ar"')
})

test('in a browser, a page that is not listed gets no element and keeps what stands in its place', async () => {
  const { site, server, context } = await openExample({ isListed: false })
  const page = await context.newPage()
  const refused = page.waitForEvent('requestfailed', (request) =>
    request.url().endsWith('holdfast-sign-in.js'),
  )
  await page.goto(site.origin)
  await refused

  expect(await page.evaluate(() => customElements.get('holdfast-sign-in'))).toBeUndefined()
  expect(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe(`${server.origin}/`)
})

test('in a browser, a page of another site gets the element and no session: the cookie is not for it', async () => {
  const { site, holdfast, context } = await openExample()
  const page = await context.newPage()
  await page.goto(site.crossSite)
  const email = page.getByRole('textbox', { name: 'Email' })
  await email.waitFor()
  const letLook = await holdBack(page, '**/auth/session')
  await email.fill('ada@example.com')
  await page.keyboard.press('Enter')
  await holdfast.mailServer.nextMail('ada@example.com')

  // It is at the code by the answer to the call, and back where it was at the next look.
  await page.getByRole('textbox', { name: 'code' }).waitFor()
  letLook()
  await email.waitFor()
  expect(await context.cookies()).toEqual([])
})
