/** What axe reckons colours with, and does not declare. */
interface AxeColor {
  red: number
  green: number
  blue: number
  alpha: number
  parseString(css: string): void
}

interface AxeColors {
  Color: new (red: number, green: number, blue: number, alpha: number) => AxeColor
  flattenColors(color: AxeColor, ground: AxeColor): AxeColor
  getContrast(ground: AxeColor, color: AxeColor): number
}

/**
 * The least contrast that the text of an element has with what is drawn behind it, from its one end to the other; 0 where it
 * is not to be seen. In an empty field that is the text which stands in for one. Runs in a page that has axe.
 */
export function textContrast(element: Element): number {
  const { axe } = globalThis as unknown as { axe: { commons: { color: AxeColors } } }
  const { Color, flattenColors, getContrast } = axe.commons.color
  const parsed = new Map<string, AxeColor>()
  const parse = (css: string) => {
    const color = parsed.get(css) ?? new Color(0, 0, 0, 0)
    if (!parsed.has(css)) color.parseString(css)
    parsed.set(css, color)
    return color
  }
  const isEmpty = element instanceof HTMLInputElement && element.value === ''
  const text = getComputedStyle(element, isEmpty ? '::placeholder' : null)
  const { red, green, blue, alpha } = parse(text.color)
  const ink = new Color(red, green, blue, alpha * Number(text.opacity))

  element.scrollIntoView({ block: 'nearest' })
  const { left, top, width, height } = element.getBoundingClientRect()
  const root = element.getRootNode() as Document | ShadowRoot
  const places = 20
  const contrasts = Array.from({ length: places }, (_, place) =>
    root.elementsFromPoint(left + (width * (place + 0.5)) / places, top + height / 2),
  )
    .filter((drawn) => drawn.includes(element))
    .map((drawn) => {
      const ground = drawn
        .map((node) => parse(getComputedStyle(node).backgroundColor))
        .reduceRight((below, color) => flattenColors(color, below), new Color(255, 255, 255, 1))
      return getContrast(ground, ink)
    })
  return contrasts.length === 0 ? 0 : Math.min(...contrasts)
}
