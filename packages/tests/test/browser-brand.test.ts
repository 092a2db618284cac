import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accessibilityFaults } from '../src/accessibility.ts'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { keepPictureOfWindow } from '../src/kept-pictures.ts'
import { overflowingElements } from '../src/page-checks.ts'
import { gatherPageFaults } from '../src/page-faults.ts'
import { askForCodeOnPage, untilAlive } from '../src/sign-in-page.ts'

const name = '<img src=x onerror=document.title=1> & Söhne'
const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40">
  <style>text { fill: #1a1a1a } @media (prefers-color-scheme: dark) { text { fill: #f4f4f4 } }</style>
  <rect width="40" height="40" rx="20" fill="#ffcc00"/>
  <text x="54" y="29" font-family="sans-serif" font-size="26" font-weight="700">Acme</text>
  <script>document.documentElement.dataset.ran = 'yes'</script>
</svg>`

// Yellow is what no text on white can be read in, near black what no text on black can.
test.each(['#ffcc00', '#101820'])(
  'in a browser, a page with the accent colour %s and a logo can be read in light and dark, and runs nothing of them',
  async (accentColor) => {
    const holdfast = await createInstallation({ APP_NAME: name, ACCENT_COLOR: accentColor })
    const logoFile = join(holdfast.folder, 'logo.svg')
    await writeFile(logoFile, logo)
    const server = await holdfast.start({ env: { LOGO_FILE: logoFile } })
    const browser = await startBrowser()
    const context = await browser.newContext({
      locale: 'en',
      viewport: { width: 390, height: 844 },
      reducedMotion: 'reduce',
    })
    const policyFaults = await gatherPageFaults(context)
    const page = await context.newPage()
    const faults: string[] = []
    const check = async (step: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const found = [...(await accessibilityFaults(page)), ...(await overflowingElements(page))]
        faults.push(...found.map((fault) => `${step}, ${colorScheme}: ${fault}`))
        await keepPictureOfWindow(page, `brand-${accentColor.slice(1)}-${step}-${colorScheme}`)
      }
    }

    await page.goto(server.origin)
    await untilAlive(page, 'email')
    const picture = page.getByRole('img', { name })
    const shape = await picture.evaluate(
      (image: HTMLImageElement) => image.naturalWidth && image.width / image.height,
    )
    expect(shape).toBeCloseTo(5, 1)
    expect(await page.getByRole('heading').textContent()).toBe(`Sign in to ${name}`)
    expect(await page.title()).toBe(`Sign in · ${name}`)
    await page.emulateMedia({ colorScheme: 'light' })
    const button = page.getByRole('button', { name: 'Email me a code' })
    const ground = await button.evaluate((element) => getComputedStyle(element).backgroundColor)
    expect(ground).toBe(accentColor === '#ffcc00' ? 'rgb(255, 204, 0)' : 'rgb(16, 24, 32)')
    await check('address')
    await askForCodeOnPage(page, holdfast, server)
    await check('code')
    expect(faults).toEqual([])
    expect(policyFaults).toEqual([])

    const address = await picture.getAttribute('src')
    await page.goto(`${server.origin}${address}`)
    expect(await page.evaluate(() => document.documentElement.getAttribute('data-ran'))).toBeNull()
  },
)
