/** The colours of a mail that follow the accent colour, for a reader with a light ground and for one with a dark one. */
export interface MailColors {
  accentText: string
  accentGround: string
  darkAccentText: string
  darkAccentGround: string
}

/** Those of Holdfast, as `apps/web/src/design.css` has them. */
export const ownMailColors: MailColors = {
  accentText: '#0d5f57',
  accentGround: '#dcefeb',
  darkAccentText: '#7ad6c6',
  darkAccentGround: '#1c3a35',
}
