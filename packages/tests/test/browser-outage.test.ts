import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityFaults } from '../src/accessibility.ts'
import { stopTime } from '../src/page-time.ts'
import {
  addressField,
  askForCodeOnPage,
  codeField,
  loseNextAnswer,
  openPage,
  recordRequests,
  signedInHeading,
  startAgain,
  untilAlive,
} from '../src/sign-in-page.ts'

/* Nobody does anything on the page from the moment in which the service is away until it is back. */

/** Resolves when the page says, in a way that is read out, that it goes on by itself. */
async function untilItSays(page: Page, words: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: words }).waitFor()
}

test('in a browser, a server that is killed while the code is typed costs nothing: it signs in once there is one again', async () => {
  const { holdfast, server, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  const field = codeField(page)
  await field.pressSequentially(code.slice(0, 4))
  await server.process.kill()
  await field.pressSequentially(code.slice(4))

  await untilItSays(page, 'Reconnecting. Your code is kept')
  expect(await field.inputValue()).toBe(code)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await accessibilityFaults(page), colorScheme).toEqual([])
  }

  await startAgain(holdfast, server)
  await signedInHeading(page).waitFor()
  expect(await page.getByText('Reconnecting').count()).toBe(0)
})

test('in a browser, "Try now" signs in at once: it waits for no timer', async () => {
  const { holdfast, server, page } = await openPage()
  await page.clock.install()
  const code = await askForCodeOnPage(page, holdfast, server)
  await server.process.kill()
  // From here on no time passes on the page, so that no wait ends by itself.
  await stopTime(page)
  await codeField(page).fill(code)
  await untilItSays(page, 'Reconnecting. Your code is kept')

  await startAgain(holdfast, server)
  await page.getByRole('button', { name: 'Try now' }).click()
  await signedInHeading(page).waitFor()
})

test('in a browser, a server that is killed with the code on its way to it costs nothing', async () => {
  const { holdfast, server, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  server.process.signal('SIGSTOP')
  const asked = page.waitForRequest('**/auth/otp/verify')
  await codeField(page).fill(code)
  await asked
  await server.process.kill()

  await untilItSays(page, 'Reconnecting. Your code is kept')
  await startAgain(holdfast, server)
  await signedInHeading(page).waitFor()
})

test('in a browser, an answer that is lost after the sign-in was made gives that very sign-in', async () => {
  const { holdfast, server, context, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  const lost = loseNextAnswer(page, server, '/auth/otp/verify')
  const requests = recordRequests(page, '/auth/otp/verify')
  await codeField(page).fill(code)
  const { status, body } = await lost
  expect(status).toBe(200)

  await signedInHeading(page).waitFor()
  expect(requests).toEqual([JSON.stringify({ code }), JSON.stringify({ code })])
  const session = await context.request.get(`${server.origin}/auth/session`)
  expect(await session.json()).toEqual(JSON.parse(body))
})

test('in a browser, a code whose answer was lost, but not the cookie in it, finds that it has signed in', async () => {
  const { holdfast, server, context, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  const verify = `${server.origin}/auth/otp/verify`
  const first = await context.request.post(verify, { data: { code } })
  expect(first.status()).toBe(200)

  const repeated = page.waitForResponse(verify)
  await codeField(page).fill(code)
  expect((await repeated).status()).toBe(409)
  await signedInHeading(page).waitFor()
})

test('in a browser without a network the page says so, keeps the code and signs in when it is back', async () => {
  const { holdfast, server, context, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  await context.setOffline(true)
  await untilItSays(page, 'You are offline. Reconnecting.')
  await codeField(page).fill(code)
  await untilItSays(page, 'You are offline. Reconnecting. Your code is kept')

  await context.setOffline(false)
  await signedInHeading(page).waitFor()
})

test('in a browser, an address that was entered while no server ran is kept, and mailed one code', async () => {
  const { holdfast, server, page } = await openPage()
  await page.goto(server.origin)
  await untilAlive(page, 'email')
  await server.process.kill()
  await addressField(page).fill('ada@example.com')
  await page.keyboard.press('Enter')
  await untilItSays(page, 'Reconnecting. Your address is kept')
  expect(await addressField(page).inputValue()).toBe('ada@example.com')

  await startAgain(holdfast, server)
  await codeField(page).waitFor()
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  await codeField(page).fill(code)
  await signedInHeading(page).waitFor()
  expect(holdfast.mailServer.mails.length).toBe(1)
})

test('in a browser, the first code is not mailed twice when its answer was lost, and the cookie in it', async () => {
  const { holdfast, server, page } = await openPage()
  const lost = loseNextAnswer(page, server, '/auth/otp/send')
  const requests = recordRequests(page, '/auth/otp/send')
  const code = await askForCodeOnPage(page, holdfast, server)
  expect(await lost).toMatchObject({ status: 202 })

  await codeField(page).fill(code)
  await signedInHeading(page).waitFor()
  expect([requests.length, holdfast.mailServer.mails.length]).toEqual([2, 1])
})

test('in a browser, another code whose answer was lost is not mailed twice', async () => {
  const { holdfast, server, page } = await openPage({ OTP_RESEND_SECONDS: '1' })
  await askForCodeOnPage(page, holdfast, server)
  const lost = loseNextAnswer(page, server, '/auth/otp/resend')
  const requests = recordRequests(page, '/auth/otp/resend')
  await page.getByRole('button', { name: 'Send a new code' }).click()
  expect(await lost).toMatchObject({ status: 202 })
  await untilItSays(page, 'A new code is on its way.')

  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  await codeField(page).fill(code)
  await signedInHeading(page).waitFor()
  expect([requests.length, holdfast.mailServer.mails.length]).toEqual([2, 2])
})
