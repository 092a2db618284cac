import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'
import { lookFromAllSides } from '../src/looks.ts'
import { gatherPageFaults } from '../src/page-faults.ts'
import { askForCode, wrongCode } from '../src/sign-in.ts'

const desktop = { viewport: { width: 1280, height: 900 } }
const timeline = (page: Page) =>
  page.getByRole('region', { name: 'The session of this browser' }).getByRole('listitem')

/** Types an address at the sign-in page; resolves with the code once it is mailed. */
async function askAtPage(
  page: Page,
  origin: string,
  email: string,
  nextMail: (to: string) => Promise<{ code: string }>,
) {
  await page.goto(origin)
  await page.getByRole('textbox', { name: 'Email' }).fill(email)
  await page.keyboard.press('Enter')
  const { code } = await nextMail(email)
  await page.getByRole('textbox', { name: 'code' }).waitFor()
  return code
}

test('the overview tells each step of a sign-in as it is taken, through a kill and a restart', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext(desktop)
  const faults = await gatherPageFaults(context)
  const overview = await context.newPage()
  await overview.goto(`${server.origin}/dev`)
  await overview.getByText('There is nothing to tell yet.').waitFor()
  faults.push(...(await lookFromAllSides(overview, 'dev-overview-new')))

  const page = await context.newPage()
  const nextMail = (to: string) => holdfast.mailServer.nextMail(to)
  const code = await askAtPage(page, server.origin, 'ada@example.com', nextMail)
  await page.getByRole('textbox', { name: 'code' }).fill(wrongCode(code))
  await page.getByRole('alert').waitFor()
  expect(faults.splice(0)).toEqual([expect.stringContaining('status of 403')])
  expect(await page.getByRole('link', { name: 'developer mailbox' }).getAttribute('href')).toBe('/dev/mail')
  await overview.bringToFront()
  await timeline(overview).getByText('asked for a code for a•••@example.com').waitFor()
  await timeline(overview).getByText('the mail server took over the mail of code 1').waitFor()
  await timeline(overview).getByText('a wrong code was entered: try 1 of 5').waitFor()
  expect(await timeline(overview).count()).toBe(3)
  await overview.getByRole('region', { name: 'Mailbox' }).getByText(code, { exact: true }).waitFor()

  await server.process.kill()
  await overview.getByRole('status').getByText('The server is away.').waitFor()
  faults.push(...(await lookFromAllSides(overview, 'dev-overview-away')))
  const { process: next } = await holdfast.start({ env: { PORT: String(server.port) } })

  await overview.getByText('The server was restarted. Your session held.').waitFor()
  await overview.getByText('The code for a•••@example.com was still good, with 4 tries left.').waitFor()
  await overview.getByText(`as process ${next.pid}`).waitFor()
  await timeline(overview).getByText('was found to have ended without a stop').waitFor()
  await overview.getByText('1 server start in between').waitFor()
  await page.getByRole('textbox', { name: 'code' }).fill(code)
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
  await timeline(overview).getByText('signed in (').waitFor()
  await overview.getByText('You have been signed in since').waitFor()
  faults.push(...(await lookFromAllSides(overview, 'dev-overview')))

  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await timeline(overview).getByText('signed out by the person').waitFor()
  await overview.getByRole('heading', { name: 'The last one here' }).waitFor()
  expect(faults).toEqual([])
})

test('a key that is rotated is seen staged, and the story of a reference that is asked for is told', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor } = await askForCode(holdfast, server, 'grace@example.com')
  const asked = await visitor.at(server).session()
  const reference = asked.ok && asked.view.state === 'code_sent' ? asked.view.verification.reference : ''
  const browser = await startBrowser()
  const context = await browser.newContext(desktop)
  const faults = await gatherPageFaults(context)
  const overview = await context.newPage()
  await overview.goto(`${server.origin}/dev`)

  const ring = overview.getByRole('region', { name: 'Key ring' })
  await ring.getByText('1 verification', { exact: true }).waitFor()
  expect((await holdfast.command('keys', 'rotate')).exitCode).toBe(0)
  server.process.signal('SIGHUP')
  await ring.getByText('staged', { exact: true }).waitFor()

  await overview.getByLabel('Look up a reference').fill('HF-0000-0000')
  await overview.getByRole('button', { name: 'Tell' }).click()
  await overview.getByText('The store knows no “HF-0000-0000”.').waitFor()
  await overview.getByLabel('Look up a reference').fill(reference.toLowerCase())
  await overview.keyboard.press('Enter')
  await overview.getByRole('heading', { name: `The story of ${reference}` }).waitFor()
  await timeline(overview).getByText('asked for a code for g•••@example.com').waitFor()
  faults.push(...(await lookFromAllSides(overview, 'dev-overview-keys')))
  await overview.getByRole('button', { name: 'Back to mine' }).click()
  await overview.getByText('There is nothing to tell yet.').waitFor()
  expect(faults).toEqual([])
})
