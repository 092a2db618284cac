import { readdir, readFile } from 'node:fs/promises'
import type { CssColor } from 'lightningcss'
import { expect, test } from 'vitest'
import { readStyles } from './read-styles.ts'

const web = new URL('../', import.meta.url)
const read = (path: string) => readFile(new URL(path, web), 'utf8')

const files = await readdir(new URL('src/', web), { recursive: true })
const components = files.filter((path) => path.endsWith('.svelte'))
const sheet = await read('src/design.css')
const design = readStyles(sheet)
const styles = new Map<string, ReturnType<typeof readStyles>>()
for (const path of components) {
  const [, css = ''] = (await read(`src/${path}`)).match(/<style>(.*)<\/style>/s) ?? []
  styles.set(path, readStyles(css))
}

const names = ({ defined }: typeof design) => defined.map(([name]) => name)

test('every colour of every component is one of the design system, and none is written out', () => {
  expect(components.length).toBeGreaterThan(40)
  const found = [...styles].filter(([, { colors }]) => colors.length > 0)
  expect(found).toEqual([])
})

test('every custom property that is asked for is one of the design system, or a component’s own', () => {
  const known = new Set([design, ...styles.values()].flatMap(names))
  const asked = [...styles, ['design.css', design] as const].flatMap(([path, { used }]) =>
    [...used].map((name) => [path, name]),
  )
  expect(asked.length).toBeGreaterThan(100)
  expect(asked.filter(([, name = '']) => !known.has(name))).toEqual([])
})

test('no component defines anew what is of the design system', () => {
  const shared = new Set(names(design))
  const found = [...styles].filter(([, own]) => names(own).some((name) => shared.has(name)))
  expect(found.map(([path]) => path)).toEqual([])
})

test.each(['index.html', 'dev.html'])(
  'around %s the browser has the colour of the page, light and dark',
  async (name) => {
    const [light, dark] = [...sheet.matchAll(/--page: (#\w+);/g)].map(([, color]) => color)
    const html = await read(name)
    const told = html.matchAll(
      /<meta name="theme-color" content="(.+?)" media="\(prefers-color-scheme: (\w+)\)"/g,
    )
    expect(Object.fromEntries([...told].map(([, color, scheme]) => [scheme, color]))).toEqual({ light, dark })
  },
)

test.each([
  ['light', 0],
  ['dark', 1],
])('a notice of news is seen on the page and in the card when it is %s', (_scheme, place) => {
  const [edge, page, surface] = ['--news-edge', '--page', '--surface'].map((asked) => {
    const [, color] = design.defined.filter(([name]) => name === asked)[place] ?? []
    return luminanceOf(color)
  })
  expect(contrastOf(edge, page)).toBeGreaterThan(1.5)
  expect(contrastOf(edge, surface)).toBeGreaterThan(1.5)
})

/** WCAG 2.2, relative luminance. */
function luminanceOf(color: CssColor | undefined): number {
  if (typeof color !== 'object' || color.type !== 'rgb') throw new Error('expected a colour in RGB')
  const [red = 0, green = 0, blue = 0] = [color.r, color.g, color.b].map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrastOf(one = 0, other = 0): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}
