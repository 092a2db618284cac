import { expect, test } from 'vitest'
import { wrongCode } from '../src/sign-in.ts'
import { addressField, askForCodeOnPage, codeField, openPage, untilAlive } from '../src/sign-in-page.ts'

test('in a browser, a reload keeps how many tries are left, and that none is', async () => {
  const { holdfast, server, context, page } = await openPage({ OTP_MAX_ATTEMPTS: '10' })
  const code = await askForCodeOnPage(page, holdfast, server)
  await page.reload()
  await untilAlive(page, 'code')
  expect(await page.getByText(/left\./).count()).toBe(0)
  await codeField(page).fill(wrongCode(code))
  await page.getByText('9 tries left.').waitFor()
  await page.reload()
  await page.getByText('9 tries left.').waitFor()

  for (let tries = 2; tries < 10; tries++) {
    const data = { code: wrongCode(code, tries) }
    const answer = await context.request.post(`${server.origin}/auth/otp/verify`, { data })
    expect(answer.status()).toBe(403)
  }
  await untilAlive(page, 'code')
  await codeField(page).fill(wrongCode(code, 10))
  const heading = page.getByRole('heading', { name: 'No tries left' })
  await heading.waitFor()
  await page.reload()
  await heading.waitFor()
  await page.getByRole('button', { name: 'Start over' }).click()
  await addressField(page).waitFor()
})

test('in a browser, a code expires on the page by itself, and a reload keeps that it has', async () => {
  const { server, page } = await openPage({ OTP_TTL_SECONDS: '2', OTP_RESEND_SECONDS: '0' })
  await page.goto(server.origin)
  await untilAlive(page, 'email')
  await addressField(page).fill('ada@example.com')
  await page.keyboard.press('Enter')
  const heading = page.getByRole('heading', { name: 'That code has expired' })
  await heading.waitFor()
  await page.reload()
  await heading.waitFor()
  const resent = page.waitForResponse('**/auth/otp/resend')
  await page.getByRole('button', { name: 'Send a new code' }).click()
  expect((await resent).status()).toBe(202)
})
