import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { misdrawnDigits } from '../src/digit-boxes.ts'
import { startExampleSite } from '../src/example-site.ts'
import { overflowingElements } from '../src/page-checks.ts'
import { stopTime } from '../src/page-time.ts'
import { wrongCode } from '../src/sign-in.ts'
import {
  askForCodeOnPage,
  codeField,
  holdScripts,
  openPage,
  recordRequests,
  signedInHeading,
  untilAlive,
} from '../src/sign-in-page.ts'

function inHalves(code: string, separator: string): string {
  return `${code.slice(0, 3)}${separator}${code.slice(3)}`
}

function fullWidth(code: string): string {
  return code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))
}

async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text)
  await page.keyboard.press('ControlOrMeta+V')
}

test('R23: in a browser, the code goes into one field that phones, password managers and screen readers know', async () => {
  const { holdfast, server, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  const fields = page.locator('input:not([type=hidden])')
  expect(await fields.count()).toBe(1)
  const attributes = ['type', 'name', 'autocomplete', 'inputmode', 'pattern']
  const found = await fields.evaluate(
    (field, names) => names.map((name) => field.getAttribute(name)),
    attributes,
  )
  expect(found).toEqual(['text', 'code', 'one-time-code', 'numeric', '[0-9]*'])

  // As a password manager fills it in: a value and an event, without a key.
  await codeField(page).evaluate((field: HTMLInputElement, value) => {
    field.value = value
    field.dispatchEvent(new Event('input', { bubbles: true }))
    field.dispatchEvent(new Event('change', { bubbles: true }))
  }, code)
  await signedInHeading(page).waitFor()
})

test('in a browser, a code is pasted however it was copied, and each is tried once by itself', async () => {
  const { holdfast, server, context, page } = await openPage()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const code = await askForCodeOnPage(page, holdfast, server)
  const wrong = [1, 2, 3, 4].map((offset) => wrongCode(code, offset))
  const [one = '', two = '', three = '', four = ''] = wrong
  const requests = recordRequests(page, '/auth/otp/verify')
  const texts = [
    inHalves(one, ' '),
    inHalves(two, '-'),
    fullWidth(three),
    `Code 2 of 2, asked for at 10:42: ${four}. It is good for 10 minutes.`,
  ]
  for (const [at, text] of texts.entries()) {
    const answered = page.waitForResponse('**/auth/otp/verify')
    await paste(page, text)
    await answered
    // The wrong code is marked, so that the next one takes its place.
    await page.getByText(at === 3 ? 'One try left' : `${4 - at} tries left`).waitFor()
  }
  await paste(page, `Sent 2026-01-02 10:42\n\n${code}\n\nGood for 10 minutes.`)
  await signedInHeading(page).waitFor()
  expect(requests.map((body) => JSON.parse(body).code)).toEqual([...wrong, code])
})

test('in a browser, autofill, Enter and the button at once make one request', async () => {
  const { holdfast, server, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  const requests = recordRequests(page, '/auth/otp/verify')
  // The page asks again after ten seconds without an answer.
  await page.clock.install()
  await stopTime(page)
  server.process.signal('SIGSTOP')
  await codeField(page).fill(code)
  await page.keyboard.press('Enter')
  await page.locator('button[type=submit]').first().click({ force: true })
  await codeField(page).press('Enter')
  server.process.signal('SIGCONT')
  await signedInHeading(page).waitFor()
  expect(requests).toEqual([JSON.stringify({ code })])
})

test('in a browser, a wrong code is not tried again: Enter and the button mark it, to be replaced', async () => {
  const { holdfast, server, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  const requests = recordRequests(page, '/auth/otp/verify')
  const field = codeField(page)
  await field.fill(wrongCode(code))
  await page.getByText('4 tries left').waitFor()

  for (const press of [
    () => field.press('Enter'),
    () => page.getByRole('button', { name: 'Sign in' }).click(),
  ]) {
    await field.press('End')
    await press()
    const marked = () => getSelection()?.toString()
    expect(await page.evaluate(marked)).toBe(wrongCode(code))
  }
  // Of the next one nobody knows yet whether it is wrong too.
  await page.clock.install()
  await stopTime(page)
  server.process.signal('SIGSTOP')
  await page.keyboard.type(code)
  await page.getByRole('button', { name: 'Checking' }).waitFor()
  expect(await field.getAttribute('aria-invalid')).toBe('false')
  server.process.signal('SIGCONT')
  await signedInHeading(page).waitFor()
  expect(requests).toEqual([wrongCode(code), code].map((tried) => JSON.stringify({ code: tried })))
})

test('in a browser, the tries that are left are said once they are fewer than all, on the page and in the element', async () => {
  const site = await startExampleSite('embedded')
  const { holdfast, server, page } = await openPage({ OTP_MAX_ATTEMPTS: '3', CORS_ORIGINS: site.origin })
  site.use(server.origin)
  const code = await askForCodeOnPage(page, holdfast, server)
  const openBoth = async () => {
    const said: number[] = []
    for (const origin of [server.origin, site.origin]) {
      await page.goto(origin)
      await page.getByRole('textbox', { name: /code/ }).waitFor()
      said.push(await page.getByText(/tries left/).count())
    }
    return said
  }

  expect(await openBoth()).toEqual([0, 0])
  await page.getByRole('textbox', { name: /code/ }).fill(wrongCode(code))
  await page.getByText('2 tries left').waitFor()
  expect(await openBoth()).toEqual([1, 1])
})

test('in a browser, typing goes on in the first empty box whichever is clicked, and what is marked is replaced', async () => {
  const site = await startExampleSite('embedded')
  const { holdfast, server, page } = await openPage({ CORS_ORIGINS: site.origin })
  site.use(server.origin)
  const code = await askForCodeOnPage(page, holdfast, server)
  const requests = recordRequests(page, '/auth/otp/verify')
  for (const origin of [site.origin, server.origin]) {
    await page.goto(origin)
    // The element takes no focus by itself, and is there only once its code runs.
    if (origin === server.origin) await untilAlive(page, 'code')
    const field = page.getByRole('textbox', { name: /code/ })
    await field.click()
    await page.keyboard.type(code.slice(0, 3))
    await clickBox(page, 0)
    await page.keyboard.type(code.slice(3, 5))
    expect(await field.inputValue()).toBe(code.slice(0, 5))

    await clickBox(page, 1, { clickCount: 2 })
    await page.keyboard.type(code.slice(0, 3))
    expect(await field.inputValue()).toBe(code.slice(0, 3))
    await field.press('Backspace')
    await field.press('Backspace')
    await field.press('Backspace')
  }
  expect(requests).toEqual([])

  await page.keyboard.type(code.slice(0, 3))
  await clickBox(page, 0)
  await page.keyboard.type(code.slice(3))
  await signedInHeading(page).waitFor()
  expect(requests).toEqual([JSON.stringify({ code })])
})

test('in a browser, the field fits a narrow screen, twice the size of letters, and who wants no motion', async () => {
  const { holdfast, server, page } = await openPage()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 320, height: 640 })
  const code = await askForCodeOnPage(page, holdfast, server)
  await codeField(page).pressSequentially(code.slice(0, 5))
  for (const size of ['100%', '200%']) {
    await page.evaluate((fontSize) => {
      document.documentElement.style.fontSize = fontSize
    }, size)
    expect(await overflowingElements(page), `letters of ${size}`).toEqual([])
    expect(await misdrawnDigits(page), `letters of ${size}`).toEqual([])
  }
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter((element) => {
        const { animationDuration, transitionDuration } = getComputedStyle(element)
        return [animationDuration, transitionDuration].some((duration) => Number.parseFloat(duration) > 0)
      })
      .map(({ outerHTML }) => outerHTML.slice(0, 100)),
  )
  expect(moving).toEqual([])
  await codeField(page).press(code.slice(5))
  await signedInHeading(page).waitFor()
})

test('in a browser whose line is slow, a whole code typed before the code of the page came is tried by itself', async () => {
  const { holdfast, server, context, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  const letGo = await holdScripts(context)
  await page.goto(server.origin, { waitUntil: 'commit' })
  await codeField(page).fill(code)
  letGo()
  await signedInHeading(page).waitFor()
})

/** Clicks with the mouse into the box of a digit, which lies behind the one field. */
async function clickBox(page: Page, place: number, options: { clickCount?: number } = {}): Promise<void> {
  const box = await page.locator('.boxes span').nth(place).boundingBox()
  if (box === null) throw new Error(`expected a box for digit ${place + 1}`)
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2, options)
}
