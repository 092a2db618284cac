import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import sparticuz from '@sparticuz/chromium'
import lighthouse, { desktopConfig } from 'lighthouse'
import { chromium } from 'playwright-core'
import type { BenchOptions } from './bench-options.ts'
import { holdfast } from './contestants.ts'
import { startServer } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** What Lighthouse found of the sign-in page, once a round. */
export interface PageScores {
  /** 0 to 100, with the network and processor that Lighthouse takes a phone to have. */
  phone: number[]
  desktop: number[]
  /** Milliseconds from the navigation to the first paint, as it was on this machine. */
  firstPaintMs: number[]
}

/** Loads the page in a fresh profile for each round, as somebody does who comes for the first time. */
export async function measurePage(options: BenchOptions, folder: TemporaryFolder): Promise<PageScores> {
  const server = await startServer(holdfast, { folder: folder.next() })
  const found: PageScores = { phone: [], desktop: [], firstPaintMs: [] }
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      const phone = await look(server.origin)
      const desktop = await look(server.origin, desktopConfig)
      found.phone.push(phone.score)
      found.desktop.push(desktop.score)
      found.firstPaintMs.push(phone.firstPaintMs, desktop.firstPaintMs)
    }
  } finally {
    await server.stop()
  }
  return found
}

async function look(
  url: string,
  config?: typeof desktopConfig,
): Promise<{ score: number; firstPaintMs: number }> {
  const port = await freePort()
  const browser = await startChromium(port)
  try {
    const result = await lighthouse(url, { port, logLevel: 'error', onlyCategories: ['performance'] }, config)
    const { categories, audits, runtimeError } = result?.lhr ?? {}
    const metrics = audits?.metrics?.details as { items?: { observedFirstPaint?: number }[] } | undefined
    const firstPaintMs = metrics?.items?.[0]?.observedFirstPaint
    const score = categories?.performance?.score
    if (runtimeError !== undefined || score == null || firstPaintMs === undefined) {
      throw new Error(`Lighthouse could not measure the page: ${runtimeError?.message ?? 'no score'}`)
    }
    return { score: score * 100, firstPaintMs }
  } finally {
    await browser.close()
  }
}

/** The Chromium at `CHROMIUM_PATH`, or the one that an npm package ships for Linux x64. */
async function startChromium(port: number) {
  const executablePath = process.env.CHROMIUM_PATH ?? (await sparticuz.executablePath())
  // It is made for crawlers. Lighthouse opens pages of its own, which one process cannot hold.
  const unwanted = new Set([
    '--disable-web-security',
    '--allow-running-insecure-content',
    '--single-process',
    '--no-zygote',
  ])
  const args =
    process.env.CHROMIUM_PATH === undefined ? sparticuz.args.filter((arg) => !unwanted.has(arg)) : []
  return chromium.launch({ executablePath, args: [...args, `--remote-debugging-port=${port}`] })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
