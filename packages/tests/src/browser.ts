import { findFreePort } from '@holdfast/drill'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'
import { onTestFinished } from 'vitest'

/** For hanging: a busy machine draws a page in many seconds. */
const mostWaitMs = 90_000

/**
 * Starts a real Chromium for the running test: the one at `CHROMIUM_PATH`; else, on Linux x64, the one that
 * an npm package ships; else the one that is installed.
 */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({ ...(await whichBrowser()), args: [...args] })
  onTestFinished(() => browser.close())
  browser.on('context', (context) => context.setDefaultTimeout(mostWaitMs))
  return browser
}

/** The same, for a tool that steers it by the port. */
export async function startDebuggedBrowser(): Promise<{ debuggingPort: number }> {
  const debuggingPort = await findFreePort()
  await startBrowser([`--remote-debugging-port=${debuggingPort}`])
  return { debuggingPort }
}

async function whichBrowser(): Promise<LaunchOptions> {
  const { CHROMIUM_PATH } = process.env
  if (CHROMIUM_PATH !== undefined) return { executablePath: CHROMIUM_PATH }
  const isShipped = process.platform === 'linux' && process.arch === 'x64'
  if (!isShipped) return { channel: 'chromium' }
  // Not with the flags that the package proposes: they are for crawlers, and squeeze the browser into one process,
  // which takes longer to start and has died at it. They also let a page read the answers of other origins.
  return { executablePath: await sparticuz.executablePath() }
}
