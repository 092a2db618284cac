import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Installation, RunningServer } from '@holdfast/drill'
import { type Language, languageTags } from '@holdfast/messages'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFaults } from '../src/accessibility.ts'
import { startBrowser } from '../src/browser.ts'
import { FormVisitor } from '../src/form-visitor.ts'
import { createInstallation } from '../src/installation.ts'
import { overflowingElements } from '../src/page-checks.ts'
import { wrongCode } from '../src/sign-in.ts'

type NamedPage = [name: string, html: string]

test('in every language axe finds nothing in the page as it is where no script runs', {
  timeout: 600_000,
}, async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  let body = ''
  await page.route('**/shown', (route) => route.fulfill({ contentType: 'text/html', body }))
  const faults: string[] = []
  const look = async (language: Language, pages: NamedPage[]) => {
    for (const [name, html] of pages) {
      body = withoutScript(html)
      await page.goto(`${server.origin}/shown`)
      faults.push(...(await faultsOf(page)).map((fault) => `${language}, ${name}, ${fault}`))
    }
  }

  for (const language of languageTags) await look(language, await walk(holdfast, server, language))
  const store = join(holdfast.dataFolder, 'holdfast.db')
  await rename(store, `${store}.away`)
  for (const language of languageTags) {
    const html = await new FormVisitor(server, language).send('send', { email: 'ada@example.com' })
    expect(html).toContain('data-step="unreachable"')
    await look(language, [['outage', html]])
  }

  expect(faults).toEqual([])
})

/** What somebody gets to see who signs in, and makes a mistake at each step. */
async function walk(holdfast: Installation, server: RunningServer, language: Language): Promise<NamedPage[]> {
  const email = `${language.toLowerCase()}@example.com`
  const visitor = new FormVisitor(server, language)
  const invalid = await visitor.send('send', { email: 'ada' })
  const asked = await visitor.send('send', { email })
  const { code } = await holdfast.mailServer.nextMail(email)
  const wrong = await visitor.send('verify', { code: wrongCode(code) })
  const signedIn = await visitor.send('verify', { code })
  const pages = [invalid, asked, wrong, signedIn]
  const has = (text: string) => pages.map((html) => html.includes(text))
  expect(has('role="alert"')).toEqual([true, false, true, false])
  expect(has('data-step="code"')).toEqual([false, true, true, false])
  expect(has('data-step="signed_in"')).toEqual([false, false, false, true])
  return [
    ['address-invalid', invalid],
    ['code', asked],
    ['wrong-code', wrong],
    ['signed-in', signedIn],
  ]
}

/** Axe needs scripts: the page has none of its own, and shows what it has for a browser that runs none. */
function withoutScript(html: string): string {
  return html.replaceAll(/<\/?noscript>|<script type="module".*?<\/script>/gs, '')
}

async function faultsOf(page: Page): Promise<string[]> {
  const faults = await overflowingElements(page)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    faults.push(...(await accessibilityFaults(page)).map((fault) => `${colorScheme}: ${fault}`))
  }
  return faults
}
