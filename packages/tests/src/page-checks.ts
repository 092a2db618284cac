import type { Page } from 'playwright-core'

/** The elements that reach out of the page to a side and are not cut off there on purpose. */
export function overflowingElements(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const outside = [...document.body.querySelectorAll('*')].filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      if (left >= -1 && right <= clientWidth + 1) return false
      for (let around = element.parentElement; around !== null; around = around.parentElement) {
        if (getComputedStyle(around).overflowX !== 'visible') return false
      }
      return true
    })
    const page = scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide`] : []
    return [...page, ...outside.map((element) => element.outerHTML.slice(0, 100))]
  })
}
