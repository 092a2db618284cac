import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { lookFromAllSides } from '../src/looks.ts'
import { gatherPageFaults } from '../src/page-faults.ts'
import { stopWaits } from '../src/page-time.ts'
import { askForCode } from '../src/sign-in.ts'

const desktop = { viewport: { width: 1280, height: 900 } }

/** A browser at the mailbox of a new development server. */
async function openMailbox(settings: Record<string, string> = {}, query = '') {
  const holdfast = await createInstallation(settings)
  const server = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext(desktop)
  const faults = await gatherPageFaults(context)
  const page = await context.newPage()
  await page.goto(`${server.origin}/dev/mail${query}`)
  return { holdfast, server, context, page, faults }
}

const mailsIn = (page: Page) => page.getByRole('list', { name: 'Mails' }).getByRole('link')
const shownCode = (page: Page) => page.getByRole('article').locator('output')

/** The code, and the headings that are to be seen beside it, in pixels. */
async function typeSizes(page: Page): Promise<{ code: number; headings: number[] }> {
  const sizeOf = (shown: Element) => Number.parseFloat(getComputedStyle(shown).fontSize)
  const headings = await page.getByRole('heading').filter({ visible: true }).all()
  return {
    code: await shownCode(page).filter({ visible: true }).evaluate(sizeOf),
    headings: await Promise.all(headings.map((heading) => heading.evaluate(sizeOf))),
  }
}

test('the mailbox says what to do while it is empty, and shows a mail as it comes, with its code', async () => {
  const { holdfast, server, page, faults } = await openMailbox()
  await page.getByText('No mail yet.').waitFor()
  expect(await page.getByRole('main').getByRole('link', { name: 'sign-in page' }).getAttribute('href')).toBe(
    '/',
  )
  faults.push(...(await lookFromAllSides(page, 'dev-mail-empty')))
  await page.setViewportSize(desktop.viewport)

  const { code, email } = await askForCode(holdfast, server)

  await shownCode(page).getByText(code, { exact: true }).waitFor()
  expect(await page.getByText(`New mail to ${email}:`).count()).toBe(1)
  expect(await page.getByRole('article').getByRole('heading').textContent()).toMatch(/code/i)
  expect(faults).toEqual([])
})

test('each mail is shown as HTML and as text, its code in large type, and looks well in light and dark, wide and narrow', async () => {
  const { holdfast, server, page, faults } = await openMailbox()
  await askForCode(holdfast, server, 'grace.hopper@example.com')
  const { code } = await askForCode(holdfast, server, 'ada@example.com')
  await shownCode(page).getByText(code, { exact: true }).waitFor()
  expect(await mailsIn(page).count()).toBe(2)
  expect(await mailsIn(page).first().textContent()).toContain('ada@example.com')

  const html = page.frameLocator('iframe[title="The mail as HTML"]')
  expect(await html.locator('.code').textContent()).toBe(code)
  const wide = await typeSizes(page)
  faults.push(...(await lookFromAllSides(page, 'dev-mail')))
  // A phone shows the list, and the mail that is chosen from it.
  await page.setViewportSize({ width: 320, height: 640 })
  await mailsIn(page).first().click()
  await page.getByRole('heading', { name: 'Your code', level: 2 }).and(page.locator(':focus')).waitFor()
  const narrow = await typeSizes(page)
  await page.getByRole('link', { name: 'All mails' }).click()
  await mailsIn(page).first().and(page.locator(':focus')).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('radio', { name: 'Text' }).check()
  expect(await page.locator('pre').textContent()).toMatch(new RegExp(`^${code}$`, 'm'))
  faults.push(...(await lookFromAllSides(page, 'dev-mail-text')))

  for (const sizes of [wide, narrow]) {
    expect(sizes.code).toBeGreaterThanOrEqual(28)
    expect(sizes.code).toBeGreaterThan(Math.max(...sizes.headings))
    expect(sizes.headings).not.toEqual([])
  }
  expect(faults).toEqual([])
})

test('the copy button copies the code and says so to everybody', async () => {
  const { holdfast, server, context, page, faults } = await openMailbox()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const { code } = await askForCode(holdfast, server)
  await shownCode(page).getByText(code, { exact: true }).waitFor()

  // It says so for three seconds.
  await stopWaits(page)
  await page.getByRole('button', { name: 'Copy code' }).click()

  await page.getByRole('status').getByText('Copied the code.').waitFor()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  const field = page.getByLabel('Filter by address')
  await field.focus()
  await page.keyboard.press('Control+V')
  expect(await field.inputValue()).toBe(code)
  expect(faults).toEqual([])
})

test('the mails are filtered by a part of the address, in the link too', async () => {
  const { holdfast, server, page, faults } = await openMailbox({}, '?about=hopper')
  await page.getByText('No mail to “hopper”.').waitFor()
  await askForCode(holdfast, server, 'ada@example.com')
  const { code } = await askForCode(holdfast, server, 'grace.hopper@example.com')
  await shownCode(page).getByText(code, { exact: true }).waitFor()
  expect(await mailsIn(page).count()).toBe(1)

  await page.getByLabel('Filter by address').fill('nobody')
  await page.getByText('No mail to “nobody”.').waitFor()
  expect(new URL(page.url()).search).toBe('?about=nobody')
  await page.getByRole('button', { name: 'Show the mails to everybody' }).click()

  await mailsIn(page).nth(1).waitFor()
  expect(new URL(page.url()).search).toBe('')
  expect(faults).toEqual([])
})

test('the mailbox works by keyboard alone: a mail is walked to, opened, read as text, its code copied', async () => {
  const { holdfast, server, context, page, faults } = await openMailbox()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const { code } = await askForCode(holdfast, server, 'first@example.com')
  await askForCode(holdfast, server, 'second@example.com')
  await mailsIn(page).nth(1).waitFor()
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')

  await page.getByLabel('Filter by address').focus()
  await page.keyboard.press('Tab')
  expect(await focused()).toContain('second@example.com')
  await page.keyboard.press('ArrowDown')
  expect(await focused()).toContain('first@example.com')
  await page.keyboard.press('Enter')
  await shownCode(page).getByText(code, { exact: true }).waitFor()
  await page.keyboard.press('Tab')
  expect(await focused()).toContain('Copy code')
  await stopWaits(page)
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText('Copied the code.').waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowRight')

  await page.locator('pre').getByText(code).waitFor()
  expect(faults).toEqual([])
})

test('a script in a mail does not run, and nothing in it is loaded from elsewhere', async () => {
  const hostile = `<p class="code">{{code}}</p>
    <script>document.title = 'ran'; new Image().src = '/ran-script'</script>
    <img src="/ran-image" onerror="document.title = 'ran'">
    <svg onload="document.title = 'ran'"></svg>
    <form action="/ran-form"><button>Go</button></form>
    <meta http-equiv="refresh" content="0;url=/ran-refresh">
    <iframe src="/ran-frame"></iframe>`
  const holdfast = await createInstallation()
  const MAIL_TEMPLATES_DIR = join(holdfast.folder, 'templates')
  await mkdir(MAIL_TEMPLATES_DIR)
  await writeFile(join(MAIL_TEMPLATES_DIR, 'code.html'), hostile)
  await writeFile(join(MAIL_TEMPLATES_DIR, 'code.txt'), '{{code}}')
  const server = await holdfast.start({ env: { MAIL_TEMPLATES_DIR } })
  const browser = await startBrowser()
  const context = await browser.newContext(desktop)
  const loaded: string[] = []
  const refused: string[] = []
  context.on('requestfinished', (request) => loaded.push(new URL(request.url()).pathname))
  context.on('console', (message) => refused.push(message.text()))
  const page = await context.newPage()
  await page.goto(`${server.origin}/dev/mail`)
  const { code } = await askForCode(holdfast, server)

  const frame = page.frameLocator('iframe[title="The mail as HTML"]')
  await frame.locator('.code').getByText(code).waitFor()
  const text = await frame.locator('html').innerHTML()
  await page.getByRole('radio', { name: 'Text' }).check()
  await page.locator('pre').getByText(code).waitFor()

  expect(text).toContain('<script>')
  expect(refused.filter((line) => /Blocked script execution/.test(line))).not.toEqual([])
  expect(loaded.filter((path) => path.startsWith('/ran'))).toEqual([])
  expect(await page.title()).not.toBe('ran')
  // The same without walls does all of that.
  const bare = await context.newPage()
  await bare.route('**/bare', (route) => route.fulfill({ contentType: 'text/html', body: text }))
  await bare.goto(`${server.origin}/bare`)
  await expect.poll(() => loaded).toContain('/ran-script')
})

test('the sign-in page loads no file of the developer pages', async () => {
  const { context, page, server } = await openMailbox()
  const asked: string[] = []
  context.on('request', (request) => asked.push(new URL(request.url()).pathname))

  await page.reload()
  await page.getByText('No mail yet.').waitFor()
  const ofMailbox = asked.splice(0)
  const signInPage = await context.newPage()
  await signInPage.goto(server.origin)
  await signInPage.getByRole('textbox', { name: 'Email' }).waitFor()

  expect(ofMailbox.filter((path) => path.startsWith('/dev/assets/')).length).toBeGreaterThanOrEqual(2)
  expect(asked.filter((path) => path.startsWith('/dev/assets/'))).toEqual([])
})
