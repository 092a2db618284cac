import { clampChroma, converter, formatHex, interpolate, wcagContrast } from 'culori'

/** The CSS variables of `apps/web/src/design.css` that follow the accent colour. */
export interface AccentColors {
  accent: string
  'accent-strong': string
  'accent-edge': string
  'accent-text': string
  'accent-ground': string
  'on-accent': string
  focus: string
}

export type ColorScheme = 'light' | 'dark'

/** Of text, and of the edge of a control. (WCAG 2.2, 1.4.3 and 1.4.11) */
const leastContrast = { ofText: 4.5, ofEdge: 3 }

/** What the accent is seen on, as design.css has it: `nearest` is the one that it stands out from least. */
const grounds = {
  light: { nearest: '#efeee8', card: '#ffffff', tint: 0.14, focusAlpha: '59', away: -1 },
  dark: { nearest: '#212928', card: '#171d1c', tint: 0.22, focusAlpha: '66', away: 1 },
} as const

const white = '#ffffff'
const black = '#000000'
const toOklch = converter('oklch')

/**
 * Every colour that an accent colour asks for. A light page has the accent as it is, a dark one has it lighter; text in
 * it or on it has the contrast of WCAG AA, whatever the accent.
 */
export function accentColors(accentColor: string, scheme: ColorScheme): AccentColors {
  const { nearest, card, tint, focusAlpha, away } = grounds[scheme]
  const text = standingOut(accentColor, nearest, away)
  const accent = scheme === 'light' ? (formatHex(accentColor) ?? text) : text
  const onAccent = textOn(accent)
  return {
    accent,
    'accent-strong': shiftLightness(accent, onAccent === white ? -0.05 : 0.05),
    'accent-edge': wcagContrast(accent, card) < leastContrast.ofEdge ? text : accent,
    'accent-text': text,
    'accent-ground': formatHex(interpolate([card, accent], 'oklab')(tint)),
    'on-accent': onAccent,
    focus: `${text}${focusAlpha}`,
  }
}

/** The colour itself, or the nearest of its hue that can be read on the ground. */
function standingOut(color: string, ground: string, away: 1 | -1): string {
  let found = formatHex(color) ?? black
  for (let shift = 0.01; wcagContrast(found, ground) < leastContrast.ofText; shift += 0.01) {
    found = shiftLightness(color, away * shift)
  }
  return found
}

function textOn(color: string): string {
  const tinted = formatHex({ ...toOklch(color), mode: 'oklch', l: 0.22, c: 0.03 }) ?? black
  // Black can be read wherever white cannot.
  return [white, tinted].find((text) => wcagContrast(text, color) >= leastContrast.ofText) ?? black
}

function shiftLightness(color: string, by: number): string {
  const { l, c, h = 0 } = toOklch(color) ?? { l: 0, c: 0 }
  return formatHex(clampChroma({ mode: 'oklch', l: Math.min(1, Math.max(0, l + by)), c, h }, 'oklch'))
}
