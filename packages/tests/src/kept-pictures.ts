import { mkdir, readdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const folder =
  process.env.SCREENSHOT_DIR ?? fileURLToPath(new URL('../test-results/screenshots', import.meta.url))

export function pictureFile(name: string): string {
  return `${folder}/${name}.png`
}

export async function keepPicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: pictureFile(name), fullPage: true, animations: 'disabled' })
}

/** The same of what is in the window, of a page that does not move: five times as fast. */
export async function keepPictureOfWindow(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: pictureFile(name) })
}

/** The names of the pictures that are kept and begin so, in their order. */
export async function keptPictures(prefix: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const files = (await readdir(folder)).filter((file) => file.startsWith(prefix) && file.endsWith('.png'))
  return files.map((file) => file.slice(0, -'.png'.length)).toSorted()
}

/** Takes away those of earlier runs. */
export async function removePictures(prefix: string): Promise<void> {
  for (const name of await keptPictures(prefix)) await rm(`${folder}/${name}.png`)
}
