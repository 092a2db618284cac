import type { Page } from 'playwright-core'

/** How the digits of a code are drawn otherwise than one a box, from left to right in every language. */
export function misdrawnDigits(page: Page): Promise<string[]> {
  return page.locator('#code').evaluate((field: HTMLInputElement) => {
    const boxes = [...document.querySelectorAll('.boxes span')].map((box) => box.getBoundingClientRect())
    const faults = boxes.flatMap(({ left }, place) =>
      left > (boxes[place - 1]?.right ?? -1) ? [] : [`box ${place} is not right of the one before`],
    )
    if (getComputedStyle(field).direction !== 'ltr') faults.push('the digits run from right to left')
    const { fontFamily, fontSize, fontWeight, letterSpacing, paddingLeft } = getComputedStyle(field)
    const pencil = document.createElement('canvas').getContext('2d')
    if (pencil === null) throw new Error('expected a canvas to measure a digit on')
    pencil.font = `${fontWeight} ${fontSize} ${fontFamily}`
    const width = pencil.measureText('0').width
    const start = field.getBoundingClientRect().left + Number.parseFloat(paddingLeft) - field.scrollLeft
    for (const [place, digit] of [...field.value].entries()) {
      const middle = start + place * (width + Number.parseFloat(letterSpacing)) + width / 2
      const box = boxes[place]
      if (box === undefined) faults.push(`${digit} has no box`)
      else {
        // In the middle of its box, give or take a quarter of the box.
        const off = Math.abs(middle - (box.left + box.right) / 2)
        if (off > box.width / 4) faults.push(`${digit} at ${place} is off by ${off} of ${box.width}`)
      }
    }
    return faults
  })
}
