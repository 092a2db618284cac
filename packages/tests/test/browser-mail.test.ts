import { expect, test } from 'vitest'
import { accessibilityFaults } from '../src/accessibility.ts'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { keepScreenshot, overflowingElements } from '../src/page-checks.ts'

const sizes = { phone: { width: 320, height: 640 }, desktop: { width: 1024, height: 768 } }
const schemes = ['light', 'dark'] as const

test('the mail is legible in light and dark, on a phone and a desktop, in both directions', async () => {
  const holdfast = await createInstallation({
    APP_NAME: 'Donaudampfschifffahrtsgesellschaft',
    PUBLIC_ORIGIN: 'https://login.donaudampfschifffahrtsgesellschaft.example.com',
  })
  const server = await holdfast.start()
  const browser = await startBrowser()
  const page = await (await browser.newContext()).newPage()
  const faults: string[] = []

  for (const [language, direction] of [
    ['en', 'ltr'],
    ['de', 'ltr'],
    ['ja', 'ltr'],
    ['ar', 'rtl'],
  ] as const) {
    const email = `${language}@example.com`
    await fetch(`http://127.0.0.1:${server.port}/auth/otp/send`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Accept-Language': language },
      body: JSON.stringify({ email }),
    })
    const { message, code } = await holdfast.mailServer.nextMail(email)
    await page.setContent(message.html || '')
    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of schemes) {
        await page.setViewportSize(viewport)
        await page.emulateMedia({ colorScheme })
        const name = `mail-${language}-${size}-${colorScheme}`
        const found = [...(await accessibilityFaults(page)), ...(await overflowingElements(page))]
        faults.push(...found.map((fault) => `${name}: ${fault}`))
        await keepScreenshot(page, name)
        expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
        expect(await page.locator('html').getAttribute('lang')).toBe(language)
        const shown = page.locator('.code')
        expect(await shown.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr')
        expect(await page.locator('h1').evaluate((element) => getComputedStyle(element).direction)).toBe(
          direction,
        )
        // What is copied is the code and nothing else.
        expect(await shown.textContent()).toBe(code)
      }
    }
  }

  expect(faults).toEqual([])
})
