import { expect, test } from 'vitest'
import { keepPicture } from '../src/kept-pictures.ts'
import { gatherPageFaults } from '../src/page-faults.ts'
import { addressField, codeField, openPage, signedInHeading, startAgain } from '../src/sign-in-page.ts'

test('in a browser, a code that was asked for before a kill signs in after it, and a reload stays signed in', async () => {
  const { holdfast, server, context, page } = await openPage()
  const faults = await gatherPageFaults(context)

  await page.goto(server.origin)
  await addressField(page).fill('ada@example.com')
  await keepPicture(page, 'sign-in-address')
  await page.getByRole('button', { name: 'Email me a code' }).click()
  await codeField(page).waitFor()
  expect(await codeField(page).getAttribute('autocomplete')).toBe('one-time-code')
  expect(await codeField(page).getAttribute('inputmode')).toBe('numeric')
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  await page.getByText('We sent a code to').waitFor()
  await keepPicture(page, 'sign-in-code')

  await server.process.kill()
  await startAgain(holdfast, server)

  await codeField(page).fill(code)
  await signedInHeading(page).waitFor()
  await page.reload()
  await signedInHeading(page).waitFor()
  expect(await page.getByText('ada@example.com').count()).toBe(1)
  await keepPicture(page, 'signed-in')
  expect(faults).toEqual([])
})

test('in a browser, a person who signs out is asked for an address again, also after a reload', async () => {
  const { holdfast, server, context, page } = await openPage()
  const faults = await gatherPageFaults(context)
  await page.goto(server.origin)
  await addressField(page).fill('ada@example.com')
  await page.keyboard.press('Enter')
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  await codeField(page).fill(code)
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()

  await addressField(page).waitFor()
  await page.reload()
  await addressField(page).waitFor()
  expect(await context.cookies()).toEqual([])
  expect(faults).toEqual([])
})
