import type { Page } from 'playwright-core'
import { untilAnswered } from './page-questions.ts'

/** From here on no time passes on a page whose clock was installed, so that nothing on it ends by itself. */
export async function stopTime(page: Page): Promise<void> {
  for (let aheadMs = 1_000; ; aheadMs *= 10) {
    try {
      return await page.clock.pauseAt(Date.now() + aheadMs)
    } catch (error) {
      // On a machine that stood still meanwhile the page is past that already. Its time stands from then on, too.
      if (!/Cannot fast-forward to the past/.test(String(error))) throw error
    }
  }
}

/**
 * Lets time pass on a page on which it is stopped and whose questions are counted: second by second, so that what it asks
 * meanwhile is answered, however late that is here, before its own ten seconds for an answer are over.
 */
export async function letTimePass(page: Page, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 1) {
    await page.clock.runFor(1_000)
    await untilAnswered(page)
  }
}

/** The same as `stopTime`, of what a page would begin to wait for, without a clock in it: the frames of the page may let none in. */
export async function stopWaits(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.assign(globalThis, { setTimeout: () => 0 })
  })
}
