import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'
import { onTestFinished } from 'vitest'

/**
 * Starts a real Chromium for the running test: the one at `CHROMIUM_PATH`; else, on Linux x64, the one that
 * an npm package ships; else the one that is installed.
 */
export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch(await launchOptions())
  onTestFinished(() => browser.close())
  return browser
}

async function launchOptions() {
  const { CHROMIUM_PATH } = process.env
  if (CHROMIUM_PATH !== undefined) return { executablePath: CHROMIUM_PATH }
  const isShipped = process.platform === 'linux' && process.arch === 'x64'
  if (!isShipped) return { channel: 'chromium' }
  // It is made for crawlers: with these two, no page would be kept from another origin's answers.
  const insecure = new Set(['--disable-web-security', '--allow-running-insecure-content'])
  const args = sparticuz.args.filter((arg) => !insecure.has(arg))
  return { executablePath: await sparticuz.executablePath(), args }
}
