import type { Locator, Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { noteAnnouncements } from '../src/announcements.ts'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { resend, tryCode } from '../src/scenes/page-scene.ts'
import { codeSent, problem, StagedPage, signedIn } from '../src/staged-page.ts'

let page: Page
let staged: StagedPage
let announced: () => Promise<string[]>

beforeEach(async () => {
  const server = await (await createInstallation()).start()
  const browser = await startBrowser()
  page = await browser.newPage({ locale: 'en', reducedMotion: 'reduce' })
  announced = await noteAnnouncements(page)
  staged = await StagedPage.open(page, server.origin)
  await staged.reopen()
})

test('in a browser, a wrong code is ringed as a whole: no digit of it looks right', async () => {
  await tryCode(problem(403, 'code_incorrect', { attemptsLeft: 3 }))(staged)
  await page.getByText('3 tries left').waitFor()

  const [first, ...others] = await looksOf(page.locator('.boxes span'))
  expect(first).not.toContain('none')
  expect(others).toEqual(Array(5).fill(first))
})

test('in a browser, news are a notice in the card, above the field, and announced once', async () => {
  await staged.find(codeSent({}, 45))
  await announced()
  staged.answer(resend, { status: 202, body: codeSent({ sends: 2 }) })
  await page.getByRole('button', { name: 'Send a new code' }).click()
  const news = page.getByText('A new code is on its way.')
  await news.waitFor()
  expect(await announced()).toEqual(['A new code is on its way. Earlier codes work until they expire.'])

  const [card, notice, field] = [
    await edgesOf(page.locator('.card')),
    await edgesOf(news),
    await edgesOf(page.locator('#code')),
  ]
  expect(notice.top).toBeGreaterThanOrEqual(card.top)
  expect(notice.bottom).toBeLessThan(field.top)
})

test('in a wide browser, the card stays where it is from step to step', async () => {
  await page.setViewportSize({ width: 1280, height: 800 })
  const places: { top: number; height: number }[] = []
  for (const view of [{ state: 'anonymous' } as const, codeSent(), codeSent({}, 700), signedIn]) {
    await staged.find(view)
    const { top, bottom } = await edgesOf(page.locator('.card'))
    places.push({ top, height: bottom - top })
  }

  expect(new Set(places.map(({ top }) => top)).size).toBe(1)
  expect(new Set(places.map(({ height }) => height)).size).toBeGreaterThan(1)
})

test('in a narrow browser, each of many digits has a box and no pill', async () => {
  await page.setViewportSize({ width: 320, height: 640 })
  for (const codeLength of [8, 9, 10]) {
    await staged.clear()
    await staged.find(codeSent({ codeLength }))
    const boxes = await page
      .locator('.boxes span')
      .evaluateAll((all) =>
        all.map((box) => Number.parseFloat(getComputedStyle(box).borderRadius) / box.clientWidth),
      )
    expect(boxes).toHaveLength(codeLength)
    expect(Math.max(...boxes)).toBeLessThan(1 / 3)
  }
})

test('on a phone, an outage moves the field by little more than three lines', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await staged.find(codeSent())
  const before = await edgesOf(page.locator('#code'))
  await staged.findNone()
  const after = await edgesOf(page.locator('#code'))

  const line = Number.parseFloat(await page.evaluate(() => getComputedStyle(document.body).lineHeight))
  expect(after.top - before.top).toBeGreaterThan(0)
  expect(after.top - before.top).toBeLessThan(3 * line + 40)
})

function looksOf(boxes: Locator): Promise<string[]> {
  return boxes.evaluateAll((all) =>
    all.map((box) => {
      const { boxShadow, borderColor, backgroundColor } = getComputedStyle(box)
      return [boxShadow, borderColor, backgroundColor].join(' ')
    }),
  )
}

function edgesOf(element: Locator): Promise<{ top: number; bottom: number }> {
  return element.evaluate((found) => {
    const { top, bottom } = found.getBoundingClientRect()
    return { top, bottom }
  })
}
