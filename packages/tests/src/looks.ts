import type { Page } from 'playwright-core'
import { accessibilityFaults } from './accessibility.ts'
import { keepScreenshot, overflowingElements } from './page-checks.ts'

const phone = { width: 320, height: 640 }
const desktop = { width: 1280, height: 900 }
const looks = [
  { name: 'phone-dark', viewport: phone, colorScheme: 'dark', asksAxe: true },
  { name: 'phone-light', viewport: phone, colorScheme: 'light', asksAxe: false },
  { name: 'desktop-dark', viewport: desktop, colorScheme: 'dark', asksAxe: false },
  { name: 'desktop-light', viewport: desktop, colorScheme: 'light', asksAxe: true },
] as const

/**
 * Looks at a page on a phone and a desktop, dark and light; keeps a picture of each, and tells what is wrong. Axe takes
 * seconds, and is asked about each size and each scheme once.
 */
export async function lookFromAllSides(page: Page, name: string): Promise<string[]> {
  const faults: string[] = []
  for (const { name: look, viewport, colorScheme, asksAxe } of looks) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const found = [...(asksAxe ? await accessibilityFaults(page) : []), ...(await overflowingElements(page))]
    faults.push(...found.map((fault) => `${name}-${look}: ${fault}`))
    await keepScreenshot(page, `${name}-${look}`)
  }
  return faults
}
