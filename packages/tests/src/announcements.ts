import type { Page } from 'playwright-core'

/**
 * Notes what a screen reader would be told unasked while a page is open: each text that a live region comes to hold, and
 * each alert that appears. (WAI-ARIA 1.2, section 6.6.3)
 */
export async function noteAnnouncements(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const told: string[] = []
    const regions = '[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]'
    const last = new WeakMap<Element, string>()
    const tell = (region: Element) => {
      const text = (region.textContent ?? '').replace(/\s+/g, ' ').trim()
      if (text !== '' && text !== last.get(region)) told.push(text)
      last.set(region, text)
    }
    new MutationObserver((mutations) => {
      const changed = new Set<Element>()
      for (const { target, addedNodes } of mutations) {
        const element = target instanceof Element ? target : target.parentElement
        const around = element?.closest(regions)
        if (around) changed.add(around)
        // Of what is new only an alert is told: a polite region has to be there before it changes.
        for (const node of addedNodes) {
          if (!(node instanceof Element)) continue
          if (node.matches('[role=alert]')) changed.add(node)
          for (const alert of node.querySelectorAll('[role=alert]')) changed.add(alert)
        }
      }
      for (const region of changed) tell(region)
    }).observe(document, { subtree: true, childList: true, characterData: true })
    Object.assign(globalThis, { announced: told })
  })
  return () => page.evaluate(() => (globalThis as unknown as { announced: string[] }).announced.splice(0))
}
