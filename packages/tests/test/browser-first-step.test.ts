import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  addressField,
  askForCodeOnPage,
  codeField,
  openPage,
  signedInHeading,
  untilAlive,
} from '../src/sign-in-page.ts'

interface Watched {
  steps: Map<Element, string[]>
  shifts: PerformanceObserver
  shifted: number
  note(entries: PerformanceEntryList): void
}

/** Notes, in each page from its first byte on, the steps that ever stand on it, and by how much what is seen shifts. */
async function watchSteps(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const watched = globalThis as unknown as Watched
    watched.steps = new Map()
    watched.shifted = 0
    const noteSteps = () => {
      for (const element of document.querySelectorAll('[data-step]')) {
        const names = watched.steps.get(element) ?? []
        const name = element.getAttribute('data-step') ?? ''
        if (names.at(-1) !== name) watched.steps.set(element, [...names, name])
      }
    }
    const everything = { subtree: true, childList: true, attributes: true }
    new MutationObserver(noteSteps).observe(document, everything)
    watched.note = (entries) => {
      for (const { value } of entries as (PerformanceEntry & { value: number })[]) watched.shifted += value
    }
    watched.shifts = new PerformanceObserver((list) => watched.note(list.getEntries()))
    watched.shifts.observe({ type: 'layout-shift', buffered: true })
  })
}

/** The steps of each element that was one, and how far things shifted, once what the page came to is painted. */
function stepsSoFar(page: Page): Promise<{ steps: string[][]; shifted: number }> {
  return page.evaluate(async () => {
    const watched = globalThis as unknown as Watched
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame)
    watched.note(watched.shifts.takeRecords())
    return { steps: [...watched.steps.values()], shifted: watched.shifted }
  })
}

test('in a browser, a page that is opened shows one step from its first byte on, and nothing on it moves', async () => {
  const { holdfast, server, context, page } = await openPage()
  await watchSteps(context)
  await page.goto(server.origin)
  await untilAlive(page, 'email')
  await addressField(page).pressSequentially('ada@exam')
  await page.reload()
  await untilAlive(page, 'email')
  expect(await stepsSoFar(page)).toEqual({ steps: [['address']], shifted: 0 })

  const code = await askForCodeOnPage(page, holdfast, server)
  // News of the mail would be a longer note: none is to come.
  await page.getByText('We sent a code to').waitFor()
  await codeField(page).pressSequentially(code.slice(0, 3))
  await page.reload()
  await untilAlive(page, 'code')
  expect(await stepsSoFar(page)).toEqual({ steps: [['code']], shifted: 0 })

  await codeField(page).fill(code)
  await signedInHeading(page).waitFor()
  await page.reload()
  await page.locator('h1:focus').waitFor()
  expect(await stepsSoFar(page)).toEqual({ steps: [['signed_in']], shifted: 0 })
})
