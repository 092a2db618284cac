import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'

const screenshotFolder =
  process.env.SCREENSHOT_DIR ?? fileURLToPath(new URL('../screenshots', import.meta.url))

test('in a browser, a code that was asked for before a kill signs in after it, and a reload stays signed in', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext()
  const faults = await collectFaults(context)
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
  const faults = await collectFaults(context)
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

/** What a developer would see in the console, and what the content security policy refused. */
async function collectFaults(context: BrowserContext): Promise<string[]> {
  const faults: string[] = []
  // Chromium notes in the console each request that no server answered, and for a while here none runs.
  const isOutage = (text: string) => /^Failed to load resource: net::ERR_(CONNECTION|EMPTY)/.test(text)
  context.on('console', (message) => {
    const text = message.text()
    if (['error', 'warning'].includes(message.type()) && !isOutage(text)) faults.push(text)
  })
  context.on('weberror', (error) => faults.push(String(error.error())))
  await context.exposeFunction('reportViolation', (text: string) => faults.push(text))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (globalThis as unknown as { reportViolation(text: string): void }).reportViolation
      report(`content security policy: ${event.violatedDirective} refused ${event.blockedURI}`)
    })
  })
  return faults
}

async function takeScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(screenshotFolder, { recursive: true })
  await page.screenshot({ path: join(screenshotFolder, `${name}.png`), animations: 'disabled' })
}
