import { type Language, languageTags } from '@holdfast/messages'
import { loadMessages } from '@holdfast/messages/load'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFaults } from '../src/accessibility.ts'
import { startBrowser } from '../src/browser.ts'
import { hideStore } from '../src/hide-store.ts'
import { createInstallation } from '../src/installation.ts'
import { keepPictureOfWindow, keptPictures, removePictures } from '../src/kept-pictures.ts'
import { overflowingElements } from '../src/page-checks.ts'
import { pageScenes } from '../src/scenes/page-scenes.ts'
import { showScene } from '../src/scenes/show-scene.ts'
import { StagedPage } from '../src/staged-page.ts'

const colorSchemes = ['light', 'dark'] as const
const narrow = { width: 320, height: 640 }
/** Of every state pictures are kept in these languages, in these sizes. */
const pictured: readonly Language[] = ['en', 'ar']
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } }

test('in every language every state of the page is said in words, has one primary button, and axe finds nothing', {
  timeout: 900_000,
}, async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  // Where a session stands is staged: it is only the states of an outage that are the server's own.
  await hideStore(holdfast)
  const browser = await startBrowser()
  const faults: string[] = []
  await removePictures('state-')

  for (const language of languageTags) {
    const context = await browser.newContext({ locale: language, viewport: narrow, reducedMotion: 'reduce' })
    const found = await walkStates(context, server.origin, language)
    faults.push(...found.map((fault) => `${language}, ${fault}`))
  }

  expect(faults).toEqual([])
  const looks = ['en-phone', 'en-desktop', 'ar-phone', 'ar-desktop'].flatMap((look) => [
    `${look}-light`,
    `${look}-dark`,
  ])
  const names = pageScenes.flatMap(({ name }) => looks.map((look) => `state-${name}-${look}`))
  expect(await keptPictures('state-')).toEqual(names.toSorted())
})

async function walkStates(context: BrowserContext, origin: string, language: Language): Promise<string[]> {
  const messages = await loadMessages(language)
  const page = await context.newPage()
  const staged = await StagedPage.open(page, origin)
  await staged.reopen()
  const faults: string[] = []
  for (const scene of pageScenes) {
    const { name } = scene
    await showScene(staged, scene, messages)
    const found = [...(await stateFaults(page)), ...(await overflowingElements(page))]
    faults.push(...found.map((fault) => `${name}: ${fault}`))
    await keepPictures(page, name, language)
  }
  return faults
}

async function stateFaults(page: Page): Promise<string[]> {
  const faults: string[] = []
  const primary = await page.locator('.button.primary').filter({ visible: true }).count()
  if (primary !== 1) faults.push(`${primary} primary buttons`)
  for (const colorScheme of colorSchemes) {
    await page.emulateMedia({ colorScheme })
    faults.push(...(await accessibilityFaults(page)).map((fault) => `${colorScheme}: ${fault}`))
  }
  return faults
}

async function keepPictures(page: Page, name: string, language: Language): Promise<void> {
  if (!pictured.includes(language)) return
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport)
    for (const colorScheme of colorSchemes) {
      await page.emulateMedia({ colorScheme })
      await keepPictureOfWindow(page, `state-${name}-${language}-${size}-${colorScheme}`)
    }
  }
  await page.setViewportSize(narrow)
}
