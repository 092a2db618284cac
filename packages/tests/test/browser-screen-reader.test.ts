import { expect, test } from 'vitest'
import { noteAnnouncements } from '../src/announcements.ts'
import { startBrowser } from '../src/browser.ts'
import { focusedElement } from '../src/focused-element.ts'
import { createInstallation } from '../src/installation.ts'
import { countQuestions } from '../src/page-questions.ts'
import { letTimePass, stopTime } from '../src/page-time.ts'
import { wrongCode } from '../src/sign-in.ts'
import { addressField, codeField, untilAlive } from '../src/sign-in-page.ts'
import { codeSent, StagedPage } from '../src/staged-page.ts'

/** What is another at every run. */
const changing = /(?<=new code |strong: |Since )(?:in \d+ \w+|HF-[\w-]+|\w+ \d.*M)/g

test('in a browser, a screen reader is led through the whole way, and told once what happens', async () => {
  const holdfast = await createInstallation({ OTP_RESEND_SECONDS: '600' })
  const server = await holdfast.start()
  const browser = await startBrowser()
  const page = await browser.newPage({ locale: 'en' })
  const announced = await noteAnnouncements(page)
  const tree = async () => (await page.locator('body').ariaSnapshot()).replace(changing, '‹…›')

  await page.goto(server.origin)
  await untilAlive(page, 'email')
  expect(await focusedElement(page)).toMatchObject({
    role: 'textbox',
    name: 'Email address',
    isInvalid: false,
  })
  expect(await tree()).toMatchInlineSnapshot(`
    "- main:
      - paragraph: Holdfast
      - status
      - status
      - heading "Sign in to Holdfast" [level=1]
      - paragraph: We will email you a one-time code. There is no password to remember.
      - text: Email address
      - textbox "Email address":
        - /placeholder: name@example.com
      - button "Email me a code""
  `)
  expect(await announced()).toEqual([])

  await addressField(page).fill('ada')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await expect
    .poll(() => focusedElement(page))
    .toMatchObject({
      name: 'Email address',
      description: 'That is not a full email address. It should look like name@example.com.',
      isInvalid: true,
    })
  expect(await announced()).toEqual([
    'That is not a full email address. It should look like name@example.com.',
  ])

  await addressField(page).fill('ada@example.com')
  await page.keyboard.press('Enter')
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  await page.getByText('We sent a code to').waitFor()
  expect(await focusedElement(page)).toMatchObject({
    role: 'textbox',
    name: 'One-time code',
    description: 'We sent a code to a•••@example.com',
    isInvalid: false,
  })
  expect(await tree()).toMatchInlineSnapshot(`
    "- main:
      - paragraph: Holdfast
      - status
      - status
      - heading "Check your email" [level=1]
      - paragraph:
        - text: We sent a code to
        - strong: a•••@example.com
      - text: One-time code
      - textbox "One-time code"
      - button "Sign in"
      - paragraph: It usually arrives within a minute. Check your spam folder too.
      - paragraph:
        - text: In development, mail is kept in the
        - link "developer mailbox":
          - /url: /dev/mail
        - text: .
      - paragraph: You can ask for a new code ‹…›.
      - status
      - button "Use another address"
      - paragraph:
        - text: "Trouble? Tell support this reference:"
        - strong: ‹…›"
  `)
  await announced()

  await codeField(page).fill(wrongCode(code))
  await page.getByRole('alert').waitFor()
  expect(await announced()).toEqual(['That is not the right code. 4 tries left.'])
  expect(await focusedElement(page)).toMatchObject({ name: 'One-time code', isInvalid: true })

  await codeField(page).fill(code)
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
  await expect.poll(() => focusedElement(page)).toMatchObject({ role: 'heading', name: 'You are signed in' })
  expect(await tree()).toMatchInlineSnapshot(`
    "- main:
      - paragraph: Holdfast
      - status
      - status
      - heading "You are signed in" [level=1]
      - paragraph:
        - strong: ada@example.com
      - paragraph:
        - time: Since ‹…›
      - button "Sign out"
      - button "Sign out everywhere""
  `)
})

test('in a browser, the wait for a new code is counted down in silence, and its end is told', async () => {
  const server = await (await createInstallation()).start()
  const browser = await startBrowser()
  const page = await browser.newPage({ locale: 'en' })
  await page.clock.install()
  await countQuestions(page)
  const announced = await noteAnnouncements(page)
  const staged = await StagedPage.open(page, server.origin)
  await staged.reopen()
  await stopTime(page)
  const nowMs = await page.evaluate(() => Date.now())
  await staged.find(codeSent({ resendAt: new Date(nowMs + 25_000).toISOString() }))
  const countdown = page.getByText(/^New code in 0:\d\d$/)
  await countdown.waitFor()
  await announced()

  await letTimePass(page, 10)
  expect(await countdown.count()).toBe(1)
  expect(await announced()).toEqual([])

  await letTimePass(page, 20)
  await page.getByRole('button', { name: 'Send a new code' }).waitFor()
  expect(await announced()).toEqual(['You can ask for a new code now.'])
})
