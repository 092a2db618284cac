import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { wcagContrast } from 'culori'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accentMailColors } from '../src/brand/accent-mail-colors.ts'
import { openBrand } from '../src/brand/open-brand.ts'
import { createCodeMailWriter } from '../src/mail/code-mail-writer.ts'
import { type MailColors, ownMailColors } from '../src/mail/mail-colors.ts'
import { mailedCode } from './mailed-code.ts'

const anyColor = fc.stringMatching(/^#([0-9a-f]{3}|[0-9a-f]{6})$/)

async function htmlIn(colors?: MailColors): Promise<string> {
  const writer = createCodeMailWriter({
    appName: 'Acme',
    publicOrigin: new URL('https://login.example.com'),
    colors,
  })
  const { html } = await writer.write(mailedCode, 'en')
  return html
}

/** What the style sheet of a mail says of one class, for a light ground or for a dark one. */
function styleOf(html: string, name: 'app' | 'card' | 'code', scheme: 'light' | 'dark') {
  const [light = '', dark = ''] = html.split('@media (prefers-color-scheme: dark)')
  const rule = new RegExp(`^\\.${name} \\{(.*)\\}`, 'm').exec(scheme === 'light' ? light : dark)?.[1] ?? ''
  const colorOf = (property: string) =>
    new RegExp(`(?:^|[ ;])${property}: (#[0-9a-f]{3,6})`).exec(rule)?.[1] ?? ''
  return { color: colorOf('color'), background: colorOf('background') }
}

function expectLegible(html: string): void {
  for (const scheme of ['light', 'dark'] as const) {
    const { color: name } = styleOf(html, 'app', scheme)
    const { background: card } = styleOf(html, 'card', scheme)
    const code = styleOf(html, 'code', scheme)
    expect(wcagContrast(name, card)).toBeGreaterThanOrEqual(4.5)
    expect(wcagContrast(code.color, code.background)).toBeGreaterThanOrEqual(4.5)
  }
}

test('a mail can be read in the colours of Holdfast, light and dark', async () => {
  const html = await htmlIn()

  expectLegible(html)
  expect(styleOf(html, 'app', 'light').color).toBe('#0d5f57')
})

test('a mail can be read in whatever accent colour, light and dark', async () => {
  await fc.assert(
    fc.asyncProperty(anyColor, async (color) => {
      const colors = accentMailColors(color)
      const html = await htmlIn(colors)

      expectLegible(html)
      expect(styleOf(html, 'app', 'light').color).toBe(colors.accentText)
      expect(styleOf(html, 'code', 'dark').background).toBe(colors.darkAccentGround)
    }),
  )
})

test('with an accent colour nothing in a mail has the colour of Holdfast', async () => {
  const { mailColors } = await openBrand({ ACCENT_COLOR: '#8a1c4a', LOGO_FILE: undefined })

  const html = await htmlIn(mailColors)

  expect(html).toContain('#8a1c4a')
  for (const color of Object.values(ownMailColors)) expect(html).not.toContain(color)
})

test('without an accent colour the mails have the colours that the page has', async () => {
  const design = await readFile(join(import.meta.dirname, '../../web/src/design.css'), 'utf8')

  for (const color of Object.values(ownMailColors)) expect(design).toContain(color)
  expect((await openBrand({ ACCENT_COLOR: undefined, LOGO_FILE: undefined })).mailColors).toBeUndefined()
})
