import lighthouse from 'lighthouse'
import { expect, test } from 'vitest'
import { startDebuggedBrowser } from '../src/browser.ts'
import { createInstallation } from '../src/installation.ts'

/*
 * What does not depend on how busy the machine is. Performance does: `npx -y pnpm@12 bench page` measures it. A sign-in page
 * asks not to be indexed, so the one audit that wants it to be is left out.
 */
const asked = { onlyCategories: ['accessibility', 'best-practices', 'seo'], skipAudits: ['is-crawlable'] }

test('Lighthouse gives the page at least 95 for accessibility, best practices and being found', async () => {
  const server = await (await createInstallation()).start()
  const { debuggingPort } = await startDebuggedBrowser()

  const result = await lighthouse(server.origin, { port: debuggingPort, logLevel: 'error', ...asked })

  expect(result?.lhr.runtimeError).toBeUndefined()
  const scores = Object.values(result?.lhr.categories ?? {}).map(({ id, score }) => [id, score])
  expect(scores.map(([id]) => id)).toEqual(asked.onlyCategories)
  for (const [id, score] of scores) expect(score, String(id)).toBeGreaterThanOrEqual(0.95)
})
