import { startChromium } from './chromium.ts'

/** Milliseconds from the navigation to the first paint, in a Chromium that has just been started. */
export async function firstPaintMs(url: string): Promise<number> {
  const browser = await startChromium()
  try {
    const page = await browser.newPage()
    await page.goto(url)
    const seen = await page.waitForFunction(() => performance.getEntriesByName('first-paint')[0]?.startTime)
    const atMs = await seen.jsonValue()
    if (atMs === undefined) throw new Error(`Chromium told no first paint of ${url}`)
    return atMs
  } finally {
    await browser.close()
  }
}
