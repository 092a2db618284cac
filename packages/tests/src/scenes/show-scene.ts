import type { Messages } from '@holdfast/messages'
import type { StagedPage } from '../staged-page.ts'
import type { PageScene } from './page-scene.ts'

/** Lets a state come about on a page; resolves once the page says, in this language, what is to be said there. */
export async function showScene(staged: StagedPage, scene: PageScene, messages: Messages): Promise<void> {
  const { isAtAddress, heading, says, triesLeft, play } = scene
  const { page } = staged
  await (isAtAddress ? staged.clearToAddress() : staged.clear())
  await play(staged)
  if (heading) await page.getByRole('heading', { name: messages.say(heading) }).waitFor()
  const words = [
    ...(says === undefined ? [] : [messages.say(says)]),
    ...(triesLeft === undefined ? [] : [messages.say('code.triesLeft', { count: triesLeft })]),
  ]
  for (const text of words) await page.getByText(text).first().waitFor()
}
