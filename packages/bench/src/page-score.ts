import lighthouse, { desktopConfig } from 'lighthouse'
import type { BenchOptions } from './bench-options.ts'
import { startChromium } from './chromium.ts'
import { bareKoa, holdfast } from './contestants.ts'
import { firstPaintMs } from './first-paint.ts'
import { findFreePort, startServer } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** What was found of the sign-in page, once a round. */
export interface PageScores {
  /** Lighthouse's score, 0 to 100, with the network and processor that it takes a phone to have. */
  phone: number[]
  desktop: number[]
  /** First paints, in milliseconds: of the page, and of the JSON of bare Koa, which is what any page costs in that browser. */
  firstPaintMs: number[]
  leastPaintMs: number[]
}

/** Loads the page in a fresh profile each time, as somebody does who comes for the first time. */
export async function measurePage(options: BenchOptions, folder: TemporaryFolder): Promise<PageScores> {
  const server = await startServer(holdfast, { folder: folder.next() })
  const least = await startServer(bareKoa, { folder: folder.next() })
  const found: PageScores = { phone: [], desktop: [], firstPaintMs: [], leastPaintMs: [] }
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      found.leastPaintMs.push(await firstPaintMs(least.origin))
      found.firstPaintMs.push(await firstPaintMs(server.origin))
      found.phone.push(await scoreOf(server.origin))
      found.desktop.push(await scoreOf(server.origin, desktopConfig))
    }
  } finally {
    await Promise.all([server.stop(), least.stop()])
  }
  return found
}

async function scoreOf(url: string, config?: typeof desktopConfig): Promise<number> {
  const port = await findFreePort()
  const browser = await startChromium([`--remote-debugging-port=${port}`])
  try {
    const result = await lighthouse(url, { port, logLevel: 'error', onlyCategories: ['performance'] }, config)
    const { categories, runtimeError } = result?.lhr ?? {}
    const score = categories?.performance?.score
    if (runtimeError !== undefined || score == null) {
      throw new Error(`Lighthouse could not measure the page: ${runtimeError?.message ?? 'no score'}`)
    }
    return score * 100
  } finally {
    await browser.close()
  }
}
