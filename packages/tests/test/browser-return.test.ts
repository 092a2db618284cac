import type { Installation } from '@holdfast/drill'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { startOtherSite } from '../src/other-site.ts'

const email = 'ada@example.com'

function signInAddress(origin: string, returnTo: string): string {
  return `${origin}/?return_to=${encodeURIComponent(returnTo)}`
}

async function signInOnPage(page: Page, holdfast: Installation): Promise<void> {
  await page.getByRole('textbox', { name: 'Email' }).fill(email)
  await page.keyboard.press('Enter')
  const { code } = await holdfast.mailServer.nextMail(email)
  await page.getByRole('textbox', { name: 'code' }).fill(code)
}

test('in a browser, a sign-in leads back to a listed origin, and whoever is signed in is led there at once', async () => {
  const app = await startOtherSite()
  const holdfast = await createInstallation({ RETURN_TO_ORIGINS: app.crossSite })
  const server = await holdfast.start()
  const browser = await startBrowser()
  const page = await (await browser.newContext()).newPage()
  const target = `${app.crossSite}/orders?page=2#last`

  await page.goto(signInAddress(server.origin, target))
  await signInOnPage(page, holdfast)
  await page.waitForURL(target)
  await page.getByRole('heading', { name: 'Welcome' }).waitFor()

  const other = await page.context().newPage()
  await other.goto(signInAddress(server.origin, target))
  await other.waitForURL(target)
  expect(app.visits).toEqual(['/orders?page=2', '/orders?page=2'])
})

test('in a browser, a sign-in that was to lead to an origin that is not listed stays, with the person signed in', async () => {
  const app = await startOtherSite()
  const evil = await startOtherSite()
  const holdfast = await createInstallation({ RETURN_TO_ORIGINS: app.crossSite })
  const server = await holdfast.start()
  const browser = await startBrowser()
  const page = await (await browser.newContext()).newPage()

  await page.goto(signInAddress(server.origin, `${evil.crossSite}/`))
  await signInOnPage(page, holdfast)
  await page.waitForURL(`${server.origin}/`)
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
  expect(await page.getByRole('link', { name: 'Continue' }).count()).toBe(0)

  for (const trick of [`//${new URL(evil.crossSite).host}/`, `/\\${new URL(evil.crossSite).host}`]) {
    const other = await page.context().newPage()
    await other.goto(signInAddress(server.origin, trick))
    await other.waitForURL(`${server.origin}/`)
  }
  expect(evil.visits).toEqual([])
})

test('in a browser, an app that sends people back to sign in cannot send them in circles', async () => {
  let back = ''
  const app = await startOtherSite(() => back)
  const holdfast = await createInstallation({ RETURN_TO_ORIGINS: app.crossSite })
  const server = await holdfast.start()
  back = signInAddress(server.origin, `${app.crossSite}/`)
  const browser = await startBrowser()
  const page = await (await browser.newContext()).newPage()
  // It leads on again after ten seconds: for that, none passes here.
  await page.clock.setFixedTime(Date.now())

  await page.goto(back)
  await signInOnPage(page, holdfast)

  await page.getByRole('link', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
  await page.getByRole('link', { name: 'Continue' }).waitFor()
  expect(app.visits.length).toBe(2)
})
