import { createProxiedFetch, type Installation, type RunningServer } from '@holdfast/drill'
import type { BrowserContext, Locator, Page, Route } from 'playwright-core'
import { startBrowser } from './browser.ts'
import { createInstallation } from './installation.ts'

/** A server of its own for the running test, and an empty page in a browser of its own. */
export async function openPage(settings: Record<string, string> = {}) {
  const holdfast = await createInstallation(settings)
  const server = await holdfast.start()
  const browser = await startBrowser()
  const context = await browser.newContext()
  const page = await context.newPage()
  return { holdfast, server, context, page }
}

/** Holds back the requests to such an address, as a slow line does, until the call back. */
export async function holdBack(where: Page | BrowserContext, address: string): Promise<() => void> {
  const { promise: letGo, resolve } = Promise.withResolvers<void>()
  await where.route(address, async (route) => {
    await letGo
    await route.continue()
  })
  return resolve
}

export function holdScripts(context: BrowserContext): Promise<() => void> {
  return holdBack(context, '**/*.js')
}

export function addressField(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Email address' })
}

export function codeField(page: Page): Locator {
  return page.getByRole('textbox', { name: 'One-time code' })
}

export function signedInHeading(page: Page): Locator {
  return page.getByRole('heading', { name: 'You are signed in' })
}

/** Resolves once the code of the page runs: nothing else puts the focus into its field. Before, its forms are plain ones. */
export async function untilAlive(page: Page, field: 'email' | 'code'): Promise<void> {
  await page.waitForFunction((id) => document.activeElement?.id === id, field)
}

/** Opens the page, asks for a code and gives it, as it was mailed: the page shows the field for it. */
export async function askForCodeOnPage(
  page: Page,
  holdfast: Installation,
  server: RunningServer,
  email = 'ada@example.com',
): Promise<string> {
  await page.goto(server.origin)
  await untilAlive(page, 'email')
  await addressField(page).fill(email)
  await page.keyboard.press('Enter')
  await codeField(page).waitFor()
  const { code } = await holdfast.mailServer.nextMail(email)
  return code
}

/** Starts a server where another one was, perhaps that of another release. */
export function startAgain(
  holdfast: Installation,
  { port }: RunningServer,
  release?: { main: string },
): Promise<RunningServer> {
  return holdfast.start({ ...release, env: { PORT: String(port) } })
}

/** The bodies of the requests that the page makes to a path, as they are made. */
export function recordRequests(page: Page, path: string): string[] {
  const bodies: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === path) bodies.push(request.postData() ?? '')
  })
  return bodies
}

/**
 * The next request to a path arrives and is answered, but the answer never reaches the browser: neither its body nor its
 * cookie. Resolves with what was answered.
 */
export function loseNextAnswer(
  page: Page,
  server: RunningServer,
  path: string,
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>()
  const lose = async (route: Route) => {
    const request = route.request()
    const answer = await createProxiedFetch(server.port)(request.url(), {
      method: request.method(),
      headers: await request.allHeaders(),
      body: request.postData(),
    })
    resolve({ status: answer.status, body: await answer.text() })
    await route.abort('connectionreset')
  }
  page.route(`**${path}`, lose, { times: 1 }).catch(reject)
  return promise
}
