import type { Page } from 'playwright-core'
import { accessibilityFaults } from './accessibility.ts'
import { keepPicture } from './kept-pictures.ts'
import { overflowingElements } from './page-checks.ts'

const phone = { width: 320, height: 640 }
const desktop = { width: 1280, height: 900 }
const looks = [
  { name: 'phone-dark', viewport: phone, colorScheme: 'dark' },
  { name: 'phone-light', viewport: phone, colorScheme: 'light' },
  { name: 'desktop-dark', viewport: desktop, colorScheme: 'dark' },
  { name: 'desktop-light', viewport: desktop, colorScheme: 'light' },
] as const

/** Looks at a page on a phone and a desktop, dark and light; keeps a picture of each, and tells what is wrong. */
export async function lookFromAllSides(page: Page, name: string): Promise<string[]> {
  const faults: string[] = []
  for (const { name: look, viewport, colorScheme } of looks) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const found = [...(await accessibilityFaults(page)), ...(await overflowingElements(page))]
    faults.push(...found.map((fault) => `${name}-${look}: ${fault}`))
    await keepPicture(page, `${name}-${look}`)
  }
  return faults
}
