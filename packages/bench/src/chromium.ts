import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

// It is made for crawlers. Lighthouse opens pages of its own, which one process cannot hold.
const unwanted = new Set([
  '--disable-web-security',
  '--allow-running-insecure-content',
  '--single-process',
  '--no-zygote',
])

/** Starts the Chromium at `CHROMIUM_PATH`, or the one that an npm package ships for Linux x64, in a fresh profile. */
export async function startChromium(moreArguments: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? (await sparticuz.executablePath())
  const args =
    process.env.CHROMIUM_PATH === undefined ? sparticuz.args.filter((arg) => !unwanted.has(arg)) : []
  return chromium.launch({ executablePath, args: [...args, ...moreArguments] })
}
