import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import {
  addressField,
  askForCodeOnPage,
  codeField,
  signedInHeading,
  startAgain,
} from '../src/sign-in-page.ts'

test('in a browser, a sign-in that the operator ended says so with its reference, in the open page and after a reload', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const browser = await startBrowser()
  const page = await browser.newPage({ locale: 'en' })
  const code = await askForCodeOnPage(page, holdfast, server)
  const said = await page
    .getByText(/HF-[\w-]+/)
    .first()
    .textContent()
  const [reference = 'none'] = said?.match(/HF-[\w-]+/) ?? []
  await codeField(page).fill(code)
  await signedInHeading(page).waitFor()
  const ended = await holdfast.command('sessions', 'end', '--email', 'ada@example.com')
  expect(ended.exitCode).toBe(0)

  const notice = page.getByText('You are signed out', { exact: true }).locator('..')
  const words = [
    'An administrator ended this session.',
    'If you do not know why it ended, ask support.',
    reference,
  ]
  const expectWords = async () => {
    await notice.waitFor()
    for (const text of words) expect(await notice.textContent()).toContain(text)
    expect(await page.getByRole('button', { name: 'Email me a code' }).isEnabled()).toBe(true)
  }
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await expectWords()

  await page.reload()
  await expectWords()
  await addressField(page).fill('ada@example.com')
  await page.keyboard.press('Enter')
  await codeField(page).waitFor()
  expect(await notice.count()).toBe(0)
})

test('in a browser, a code whose database is gone says that it was not the fault of who enters it', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const browser = await startBrowser()
  const page = await browser.newPage({ locale: 'en' })
  const code = await askForCodeOnPage(page, holdfast, server)
  // From here on nothing is awaited any more, so that the page does not look by itself.
  await page.getByText('We sent a code to').waitFor()
  await server.process.stop()
  await rm(join(holdfast.dataFolder, 'holdfast.db'))
  await rm(join(holdfast.dataFolder, 'holdfast.db-wal'), { force: true })
  await rm(join(holdfast.dataFolder, 'holdfast.db-shm'), { force: true })
  await startAgain(holdfast, server)

  await codeField(page).fill(code)

  const alert = page.getByRole('alert')
  await alert.waitFor()
  expect(await alert.textContent()).toMatch(
    /^\s*Verification session not found\. Please start over\.\s+The database of the service was replaced after you began\. This was not your doing\./,
  )
  await addressField(page).fill('ada@example.com')
  await page.keyboard.press('Enter')
  await codeField(page).waitFor()
})
