import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { addressField, codeField, openPage, signedInHeading, untilAlive } from '../src/sign-in-page.ts'

const email = 'ada@example.com'

/* What the mail server says is real here, and the page says it by itself. */

async function askForCode(page: Page, origin: string): Promise<void> {
  await page.goto(origin)
  await untilAlive(page, 'email')
  await addressField(page).fill(email)
  await page.keyboard.press('Enter')
}

async function deliveryOf(page: Page, origin: string): Promise<unknown> {
  const session = await page.request.get(`${origin}/auth/session`)
  return (await session.json()).verification.delivery
}

test('in a browser, a mail that the mail server refuses is told by the page itself, and another address goes', async () => {
  const { holdfast, server, page } = await openPage()
  holdfast.mailServer.refuse(email, 'no such mailbox here')
  await askForCode(page, server.origin)

  await page.getByRole('heading', { name: 'Your code could not be sent' }).waitFor()
  await page.getByText('The mail server did not accept the email for this address.').waitFor()
  expect(await deliveryOf(page, server.origin)).toBe('failed')
  await page.getByRole('button', { name: 'Use another address' }).click()
  await addressField(page).fill('grace@example.com')
  await page.keyboard.press('Enter')
  await codeField(page).fill((await holdfast.mailServer.nextMail('grace@example.com')).code)
  await signedInHeading(page).waitFor()
})

test('in a browser, a mail that is deferred is told by the page itself, and that it was sent once it was', async () => {
  const { holdfast, server, page } = await openPage()
  await page.clock.install()
  holdfast.mailServer.refuse(email, 'come back later', 451)
  await askForCode(page, server.origin)
  await page.getByRole('heading', { name: 'Your code is delayed' }).waitFor()
  expect(await deliveryOf(page, server.origin)).toBe('delayed')

  holdfast.mailServer.accept(email)
  const { code } = await holdfast.mailServer.nextMail(email)
  await expect.poll(() => deliveryOf(page, server.origin)).toBe('sent')
  // It looks only now and then by that time: let its clock go on to when it does.
  await page.clock.fastForward(15_000)
  await page.getByRole('heading', { name: 'Check your email' }).waitFor()
  await page.getByText(`We sent a code to`).waitFor()
  await codeField(page).fill(code)
  await signedInHeading(page).waitFor()
})
