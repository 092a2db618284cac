import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { wrongCode } from '../src/sign-in.ts'
import { codeField, untilAlive } from '../src/sign-in-page.ts'

/** What has the focus, and whether that is drawn: else it would look the same without it. A heading is only to be read from. */
function focus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement) || element === document.body) return 'nothing'
    const name = element.id || `${element.textContent?.trim()}`
    if (element.matches('h1')) return name
    // The field for the code has no look of its own: the box of the next digit is drawn in its place.
    const drawn = (element.id === 'code' && document.querySelector('.is-next')) || element
    const look = () => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor } = getComputedStyle(drawn)
      const hasOutline = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0
      return [hasOutline && [outlineStyle, outlineWidth, outlineColor], boxShadow, borderColor].join()
    }
    const focused = look()
    element.blur()
    const blurred = look()
    element.focus({ preventScroll: true })
    return focused === blurred ? `${name}, unseen` : name
  })
}

test('in a browser, the whole way goes by the keyboard alone, and the focus is where one goes on', async () => {
  const holdfast = await createInstallation({ OTP_RESEND_SECONDS: '0' })
  const server = await holdfast.start()
  const browser = await startBrowser()
  const page = await browser.newPage({ locale: 'en' })
  const { keyboard } = page
  const arrived = (what: string) => expect.poll(() => focus(page)).toBe(what)

  await page.goto(server.origin)
  await untilAlive(page, 'email')
  await arrived('email')
  await keyboard.type('ada')
  await keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await arrived('email')
  await keyboard.type('@example.com')
  await keyboard.press('Enter')

  await arrived('code')
  await page.getByRole('button', { name: 'Send a new code' }).waitFor()
  await keyboard.press('Tab')
  await arrived('Sign in')
  const places = []
  for (let at = 0; at < 3; at++) {
    await keyboard.press('Tab')
    places.push(await focus(page))
  }
  expect(places).toEqual(['developer mailbox', 'Send a new code', 'Use another address'])
  await keyboard.press('Enter')

  await arrived('email')
  await keyboard.type('grace@example.com')
  expect(await page.locator('#email').inputValue()).toBe('grace@example.com')
  await keyboard.press('Enter')
  await arrived('code')
  const first = await holdfast.mailServer.nextMail('grace@example.com')
  await keyboard.type(wrongCode(first.code))
  await page.getByText('4 tries left.').waitFor()
  await arrived('code')

  await page.getByRole('button', { name: 'Send a new code' }).waitFor()
  for (let at = 0; at < 3; at++) await keyboard.press('Tab')
  await arrived('Send a new code')
  await keyboard.press('Enter')
  const { code } = await holdfast.mailServer.nextMail('grace@example.com')
  await arrived('code')
  await codeField(page).selectText()
  await keyboard.type(code)

  await arrived('You are signed in')
  await keyboard.press('Tab')
  await arrived('Sign out')
  await keyboard.press('Enter')
  await arrived('email')
  expect(await page.getByRole('status').filter({ hasText: 'You are signed out.' }).count()).toBe(1)
})
