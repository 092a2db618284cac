import { languageTags } from '@holdfast/messages'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFaults } from '../src/accessibility.ts'
import { startBrowser } from '../src/browser.ts'
import { startExampleSite } from '../src/example-site.ts'
import { createInstallation } from '../src/installation.ts'
import { overflowingElements } from '../src/page-checks.ts'

const session = '**/auth/session'
const email = 'ada@example.com'

test('in every language axe finds nothing in the element and the page it stands in, at each of its steps', {
  timeout: 600_000,
}, async () => {
  const site = await startExampleSite('embedded')
  const holdfast = await createInstallation({ CORS_ORIGINS: site.origin })
  const server = await holdfast.start()
  site.use(server.origin)
  const browser = await startBrowser()
  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' })
  const page = await context.newPage()

  await page.route(session, () => {})
  await page.goto(site.origin)
  const faults = await faultsAt(page, 'loading')
  await page.unroute(session)
  await page.route(session, (route) => route.abort())
  faults.push(...(await faultsAt(page, 'unreachable')))
  await page.unroute(session)
  faults.push(...(await faultsAt(page, 'address')))
  await page.locator('#email').fill(email)
  await page.keyboard.press('Enter')
  const { code } = await holdfast.mailServer.nextMail(email)
  await page.locator('[data-step=code]').waitFor()
  faults.push(...(await faultsAt(page, 'code')))
  await page.locator('#code').fill(code)
  await page.locator('[data-step=signed_in]').waitFor()
  faults.push(...(await faultsAt(page, 'signed_in')))

  expect(faults).toEqual([])
})

async function faultsAt(page: Page, step: string): Promise<string[]> {
  const faults: string[] = []
  for (const language of languageTags) {
    await page
      .locator('holdfast-sign-in')
      .evaluate((element, lang) => element.setAttribute('lang', lang), language)
    await page.locator(`[lang="${language}"] [data-step="${step}"]`).waitFor()
    const found = await overflowingElements(page)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      found.push(...(await accessibilityFaults(page)).map((fault) => `${colorScheme}: ${fault}`))
    }
    faults.push(...found.map((fault) => `${language}, ${step}: ${fault}`))
  }
  return faults
}
