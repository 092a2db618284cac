import type { Messages } from '@holdfast/messages'
import { loadMessages } from '@holdfast/messages/load'
import type { Locator, Page, Request } from 'playwright-core'
import { expect, test } from 'vitest'
import { hideStore } from '../src/hide-store.ts'
import { countQuestions, untilAnswered } from '../src/page-questions.ts'
import { stopTime } from '../src/page-time.ts'
import type { PageScene } from '../src/scenes/page-scene.ts'
import { pageScenes } from '../src/scenes/page-scenes.ts'
import { showScene } from '../src/scenes/show-scene.ts'
import { openPage } from '../src/sign-in-page.ts'
import { StagedPage } from '../src/staged-page.ts'

test('in every state of the page one button works: it makes the request that leads on', {
  timeout: 600_000,
}, async () => {
  const { holdfast, server, page } = await openPage()
  await hideStore(holdfast)
  const messages = await loadMessages('en')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.clock.install()
  await countQuestions(page)
  const staged = await StagedPage.open(page, server.origin)
  await staged.reopen()

  for (const scene of pageScenes) {
    await showScene(staged, scene, messages)
    await press(staged, scene, messages)
  }
})

/** Only the button can make the request: no timer of the page runs meanwhile. */
async function press(staged: StagedPage, scene: PageScene, messages: Messages): Promise<void> {
  const { name, presses, typesFirst } = scene
  const { page } = staged
  const button = buttonOf(page, scene, messages)
  if (presses === null) {
    expect(await button.getAttribute('aria-disabled'), name).toBe('true')
    return
  }
  if (typesFirst !== undefined) await page.locator('#code').fill(typesFirst)
  expect(await button.isEnabled(), name).toBe(true)
  await stopTime(page)
  await untilAnswered(page)
  staged.hold(presses)
  const isIt = (request: Request) => presses === `${request.method()} ${new URL(request.url()).pathname}`
  try {
    await Promise.all([page.waitForRequest(isIt), button.click()])
  } catch (cause) {
    throw new Error(`${name}: expected its button to make ${presses}`, { cause })
  }
  await page.clock.resume()
}

function buttonOf(page: Page, { button }: PageScene, messages: Messages): Locator {
  if (button !== undefined) return page.getByRole('button', { name: messages.say(button) })
  return page.locator('.button.primary').filter({ visible: true })
}
