import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { wcagContrast } from 'culori'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accentColors, type ColorScheme } from '../src/brand/accent-colors.ts'
import { accentStyle } from '../src/brand/accent-style.ts'

const design = await readFile(join(import.meta.dirname, '../../web/src/design.css'), 'utf8')
const ownColors = {
  light: colorsIn(design.slice(0, design.indexOf('@media'))),
  dark: colorsIn(design.slice(design.indexOf('@media (prefers-color-scheme: dark)'))),
}
const anyColor = fc.stringMatching(/^#([0-9a-f]{3}|[0-9a-f]{6})$/)

test.each<ColorScheme>(['light', 'dark'])(
  'on a %s page every accent colour can be read, in text and under it',
  (scheme) => {
    const { page, surface, field, hover } = ownColors[scheme]
    fc.assert(
      fc.property(anyColor, (color) => {
        const accent = accentColors(color, scheme)
        for (const ground of [page, surface, field, hover]) {
          expect(contrast(accent['accent-text'], ground)).toBeGreaterThanOrEqual(4.5)
        }
        for (const button of [accent.accent, accent['accent-strong']]) {
          expect(contrast(accent['on-accent'], button)).toBeGreaterThanOrEqual(4.5)
        }
        expect(contrast(accent['accent-edge'], surface)).toBeGreaterThanOrEqual(3)
        expect(contrast(accent['accent-text'], accent['accent-ground'])).toBeGreaterThanOrEqual(3)
      }),
    )
  },
)

test('the accent colours that the page has by itself can be read just so', () => {
  for (const { page, surface, field, hover, ...own } of Object.values(ownColors)) {
    for (const ground of [page, surface, field, hover]) {
      expect(contrast(own['accent-text'], ground)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(own['ink-soft'], ground)).toBeGreaterThanOrEqual(4.5)
    }
    expect(contrast(own['on-accent'], own.accent)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(own['line-strong'], surface)).toBeGreaterThanOrEqual(3)
  }
})

test('a light page has the accent colour as the operator gave it', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^#[0-9a-f]{6}$/), (color) => {
      expect(accentColors(color, 'light').accent).toBe(color)
    }),
  )
})

test('the style sheet sets exactly the variables of the design that follow the accent', () => {
  const set = [...accentStyle('#0d5f57').matchAll(/--([\w-]+):/g)].map(([, name]) => name)
  const names = Object.keys(accentColors('#0d5f57', 'light'))

  expect(set).toEqual([...names, ...names])
  for (const own of Object.values(ownColors)) expect(Object.keys(own)).toEqual(expect.arrayContaining(names))
})

function colorsIn(css: string): Record<string, string> {
  const block = css.slice(0, css.indexOf('}'))
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]+|transparent);/g)].map(([, name, value]) => [name, value]),
  )
}

function contrast(color: string | undefined, ground: string | undefined): number {
  if (color === undefined || ground === undefined) throw new Error('design.css lacks one of the two colours')
  return wcagContrast(color, ground)
}
