import type { BrowserContext } from 'playwright-core'

/**
 * Gathers what a developer would see in the console of each page, and what the content security policy of a page
 * refused. That no server answers is none: tests stop servers.
 */
export async function gatherPageFaults(context: BrowserContext): Promise<string[]> {
  const faults: string[] = []
  const isOutage = (text: string) =>
    /^Failed to load resource: net::ERR_(CONNECTION|CONTENT_LENGTH|EMPTY|SOCKET|INCOMPLETE)/.test(text)
  context.on('console', (message) => {
    const text = message.text()
    if (['error', 'warning'].includes(message.type()) && !isOutage(text)) faults.push(text)
  })
  context.on('weberror', (error) => faults.push(String(error.error())))
  await context.exposeFunction('reportViolation', (text: string) => faults.push(text))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (globalThis as unknown as { reportViolation(text: string): void }).reportViolation
      report(`content security policy: ${event.violatedDirective} refused ${event.blockedURI}`)
    })
  })
  return faults
}
