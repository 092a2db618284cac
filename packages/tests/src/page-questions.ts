import type { Page } from 'playwright-core'

interface Counting {
  /** How many of its requests the page waits for. */
  questions: number
}

/** Counts the requests of a page in the page: whoever watches it from outside hears of them later than it makes them. */
export async function countQuestions(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const counting = globalThis as unknown as Counting
    const ask = globalThis.fetch
    counting.questions = 0
    globalThis.fetch = async (...about) => {
      counting.questions += 1
      try {
        return await ask(...about)
      } finally {
        counting.questions -= 1
      }
    }
  })
}

/** Resolves once the page waits for no answer: until then it takes no hint to ask again. */
export async function untilAnswered(page: Page): Promise<void> {
  const hasNoQuestion = () => (globalThis as unknown as Counting).questions === 0
  await page.waitForFunction(hasNoQuestion, undefined, { polling: 10 })
}
