import { mkdir, readdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const folder =
  process.env.SCREENSHOT_DIR ?? fileURLToPath(new URL('../test-results/screenshots', import.meta.url))

/** The elements that reach out of the page to a side and are not cut off there on purpose. */
export function overflowingElements(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const outside = [...document.body.querySelectorAll('*')].filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      if (left >= -1 && right <= clientWidth + 1) return false
      for (let around = element.parentElement; around !== null; around = around.parentElement) {
        if (getComputedStyle(around).overflowX !== 'visible') return false
      }
      return true
    })
    const page = scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide`] : []
    return [...page, ...outside.map((element) => element.outerHTML.slice(0, 100))]
  })
}

export function screenshotFile(name: string): string {
  return `${folder}/${name}.png`
}

export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: screenshotFile(name), fullPage: true, animations: 'disabled' })
}

/** The same of what is in the window, of a page that does not move: five times as fast. */
export async function keepView(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: screenshotFile(name) })
}

/** The names of the pictures that are kept and begin so, in their order. */
export async function keptViews(prefix: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const files = (await readdir(folder)).filter((file) => file.startsWith(prefix) && file.endsWith('.png'))
  return files.map((file) => file.slice(0, -'.png'.length)).toSorted()
}

/** Takes away those of earlier runs. */
export async function removeViews(prefix: string): Promise<void> {
  for (const name of await keptViews(prefix)) await rm(`${folder}/${name}.png`)
}
