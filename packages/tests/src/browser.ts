import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'
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

/** The same, for a tool that steers it by the port. It opens pages of its own, which one process cannot hold. */
export async function startDebuggedBrowser(): Promise<{ debuggingPort: number }> {
  const debuggingPort = await freePort()
  const { args = [], ...options } = await launchOptions()
  const own = args.filter((arg) => arg !== '--single-process' && arg !== '--no-zygote')
  const browser = await chromium.launch({
    ...options,
    args: [...own, `--remote-debugging-port=${debuggingPort}`],
  })
  onTestFinished(() => browser.close())
  return { debuggingPort }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

async function launchOptions(): Promise<LaunchOptions> {
  const { CHROMIUM_PATH } = process.env
  if (CHROMIUM_PATH !== undefined) return { executablePath: CHROMIUM_PATH }
  const isShipped = process.platform === 'linux' && process.arch === 'x64'
  if (!isShipped) return { channel: 'chromium' }
  // It is made for crawlers: with these two, no page would be kept from another origin's answers.
  const insecure = new Set(['--disable-web-security', '--allow-running-insecure-content'])
  const args = sparticuz.args.filter((arg) => !insecure.has(arg))
  return { executablePath: await sparticuz.executablePath(), args }
}
