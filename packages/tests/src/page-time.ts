import type { Page } from 'playwright-core'

/** Further ahead than a busy machine may stand still between this and the page, which cannot go back. */
const aheadMs = 60_000

/** From here on no time passes on a page whose clock was installed, so that nothing on it ends by itself. */
export async function stopTime(page: Page): Promise<void> {
  await page.clock.pauseAt(Date.now() + aheadMs)
}

/** The same, of what a page would begin to wait for, without a clock in it: the frames of the page may let none in. */
export async function stopWaits(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.assign(globalThis, { setTimeout: () => 0 })
  })
}
