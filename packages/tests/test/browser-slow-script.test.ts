import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'

const email = 'ada@example.com'

/** Holds back every script until it is let go, as a slow line does. */
async function holdScripts(context: BrowserContext): Promise<() => void> {
  const { promise: letGo, resolve } = Promise.withResolvers<void>()
  await context.route('**/*.js', async (route) => {
    await letGo
    await route.continue()
  })
  return resolve
}

/** Resolves once the code of the page runs. */
async function alive(page: Page): Promise<void> {
  await page.getByText(/New code in/).waitFor()
}

test('in a browser, the first HTML has the right step, and what is typed before the script comes stays', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext()
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(String(error)))

  // The address goes off as a form: no script has come yet.
  const letGoFirst = await holdScripts(context)
  await page.goto(server.origin, { waitUntil: 'commit' })
  await page.getByRole('textbox', { name: 'Email' }).fill(email)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Check your email' }).waitFor()
  const html = await context.request.get(server.origin)
  expect(await html.text()).toMatch(/<h1[^>]*>Check your email<\/h1>/)

  const { code } = await holdfast.mailServer.nextMail(email)
  await page.getByRole('textbox', { name: 'code' }).pressSequentially(code.slice(0, 4))
  letGoFirst()
  await alive(page)
  expect(await page.getByRole('textbox', { name: 'code' }).inputValue()).toBe(code.slice(0, 4))
  await page.keyboard.type(code.slice(4))
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
  expect(faults).toEqual([])
})

test('in a browser, an address that is typed while the script is on its way stays as it is typed', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext()
  const page = await context.newPage()
  const letGo = await holdScripts(context)
  await page.goto(`${server.origin}/?notice=x`, { waitUntil: 'commit' })
  const field = page.getByRole('textbox', { name: 'Email' })
  await field.pressSequentially('ada@exam')
  letGo()
  // The page takes the notice out of its address as it comes to life.
  await page.waitForURL(`${server.origin}/`)
  await page.keyboard.type('ple.com')
  expect(await field.inputValue()).toBe(email)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Check your email' }).waitFor()
})
