import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

/** Starts the Chromium at `CHROMIUM_PATH`, or the one that an npm package ships for Linux x64, in a fresh profile. */
export async function startChromium(args: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? (await sparticuz.executablePath())
  return chromium.launch({ executablePath, args: [...args] })
}
