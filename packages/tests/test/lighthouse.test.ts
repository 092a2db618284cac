import lighthouse from 'lighthouse'
import { expect, test } from 'vitest'
import { startDebuggedBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'

/** Each release may have more: they are held too. */
const known = ['performance', 'accessibility', 'best-practices', 'seo']
const least = 0.95
const mostRuns = 3

test('Lighthouse, as it comes, gives the page at least 95 in each category', {
  timeout: 600_000,
}, async () => {
  const server = await (await createInstallation()).start()

  for (let run = 1; run <= mostRuns; run += 1) {
    const { performance = 0, ...others } = await scoresOf(server.origin)
    for (const [id, score] of Object.entries(others)) expect(score, id).toBeGreaterThanOrEqual(least)
    if (performance >= least) return
    // Of all it alone depends on how busy the machine is.
    expect(run, `performance is ${performance}: best of ${mostRuns} runs`).toBeLessThan(mostRuns)
  }
})

async function scoresOf(url: string): Promise<Record<string, number>> {
  const { debuggingPort } = await startDebuggedBrowser()
  const { lhr } = (await lighthouse(url, { port: debuggingPort, logLevel: 'error' })) ?? {}
  expect(lhr?.runtimeError).toBeUndefined()
  const scores = Object.values(lhr?.categories ?? {}).map(({ id, score }) => [id, score ?? 0])
  expect(scores.map(([id]) => id)).toEqual(expect.arrayContaining(known))
  return Object.fromEntries(scores)
}
