import type { Browser } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'

/** Milliseconds from the navigation to the first paint, for somebody who has not been here before. */
async function firstPaintMs(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  const painted = await page.waitForFunction(() => performance.getEntriesByName('first-paint')[0]?.startTime)
  const atMs = await painted.jsonValue()
  await context.close()
  return atMs ?? Number.POSITIVE_INFINITY
}

test('in a browser, the page can be painted within 200 ms of the navigation over loopback', {
  timeout: 180_000,
}, async () => {
  const server = await (await createInstallation()).start()
  const browser = await startBrowser()
  // How fast it is at best: a machine with other work to do makes any one time longer.
  const paint = expect.poll(() => firstPaintMs(browser, server.origin), { timeout: 120_000, interval: 1 })
  await paint.toBeLessThan(200)
})
