import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { gatherPageFaults } from '../src/page-faults.ts'

const screenshotFolder =
  process.env.SCREENSHOT_DIR ?? fileURLToPath(new URL('../screenshots', import.meta.url))

test('in a browser, a code that was asked for before a kill signs in after it, and a reload stays signed in', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext()
  const faults = await gatherPageFaults(context)
  const page = await context.newPage()

  await page.goto(first.origin)
  await page.getByRole('textbox', { name: 'Email' }).fill('ada@example.com')
  await takeScreenshot(page, 'sign-in-address')
  await page.getByRole('button', { name: 'Email me a code' }).click()
  const codeField = page.getByRole('textbox', { name: 'code' })
  await codeField.waitFor()
  expect(await codeField.getAttribute('autocomplete')).toBe('one-time-code')
  expect(await codeField.getAttribute('inputmode')).toBe('numeric')
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  await page.getByText('We sent a code to').waitFor()
  await takeScreenshot(page, 'sign-in-code')

  await first.process.kill()
  await holdfast.start({ env: { PORT: String(first.port) } })

  await codeField.fill(code)
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
  expect(await page.getByText('ada@example.com').count()).toBe(1)
  await takeScreenshot(page, 'signed-in')
  expect(faults).toEqual([])
})

test('in a browser, a person who signs out is asked for an address again, also after a reload', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext()
  const faults = await gatherPageFaults(context)
  const page = await context.newPage()
  await page.goto(server.origin)
  await page.getByRole('textbox', { name: 'Email' }).fill('ada@example.com')
  await page.keyboard.press('Enter')
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  await page.getByRole('textbox', { name: 'code' }).fill(code)
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()

  await page.getByRole('textbox', { name: 'Email' }).waitFor()
  await page.reload()
  await page.getByRole('textbox', { name: 'Email' }).waitFor()
  expect(await context.cookies()).toEqual([])
  expect(faults).toEqual([])
})

async function takeScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(screenshotFolder, { recursive: true })
  await page.screenshot({ path: join(screenshotFolder, `${name}.png`), animations: 'disabled' })
}
