import { type AccentColors, accentColors } from './accent-colors.ts'

/** The style sheet that gives the page its accent colour. */
export function accentStyle(accentColor: string): string {
  const light = declarations(accentColors(accentColor, 'light'))
  const dark = declarations(accentColors(accentColor, 'dark'))
  // Twice the root: it comes before what design.css says of the one, wherever the page has it.
  return `:root:root{${light}}@media (prefers-color-scheme:dark){:root:root{${dark}}}\n`
}

function declarations(colors: AccentColors): string {
  return Object.entries(colors)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')
}
