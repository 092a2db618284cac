import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { askForCodeOnPage, codeField, openPage, signedInHeading } from '../src/sign-in-page.ts'

/** What a browser tells a page to which somebody comes back, and whom. */
const returns = {
  'from another app': ['document', 'visibilitychange'],
  'after it was frozen': ['document', 'resume'],
  'by the back button': ['window', 'pageshow'],
  'from another window': ['window', 'focus'],
  'to the network': ['window', 'online'],
} as const

function comeBack(page: Page, [target, type]: readonly ['document' | 'window', string]): Promise<void> {
  return page.evaluate(
    (told) => {
      globalThis[told.target].dispatchEvent(new PageTransitionEvent(told.type, { persisted: true }))
    },
    { target, type },
  )
}

test('A32: in a browser, a page says that its sign-in was ended, however somebody comes back to it', async () => {
  const { holdfast, server, context, page } = await openPage()
  const code = await askForCodeOnPage(page, holdfast, server)
  await codeField(page).fill(code)
  await signedInHeading(page).waitFor()
  const tabs = Object.entries(returns).map(async ([how, told]) => {
    const tab = await context.newPage()
    await tab.goto(server.origin)
    await tab.locator('h1:focus').filter({ hasText: 'You are signed in' }).waitFor()
    return { how, told, tab }
  })
  const opened = await Promise.all(tabs)
  const ended = await holdfast.command('sessions', 'end', '--email', 'ada@example.com')
  expect(ended.exitCode).toBe(0)

  for (const { how, told, tab } of opened) {
    expect(await signedInHeading(tab).count(), how).toBe(1)
    await comeBack(tab, told)
    await tab.getByText('An administrator ended this session.').waitFor()
  }
})

test('in a browser, "Sign out everywhere" ends the sign-in of another browser, which says so when somebody comes back to it', async () => {
  const { holdfast, server, context, page } = await openPage()
  const other = await (await context.browser()?.newContext())?.newPage()
  if (other === undefined) throw new Error('expected a browser with room for another visitor')
  for (const one of [page, other]) {
    await codeField(one).fill(await askForCodeOnPage(one, holdfast, server))
    await signedInHeading(one).waitFor()
  }

  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByText('You are signed out everywhere.').waitFor()
  await comeBack(other, returns['from another app'])
  await other.getByText('You signed out, here or from another browser or device.').waitFor()
})
