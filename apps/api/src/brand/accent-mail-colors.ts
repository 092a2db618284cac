import type { MailColors } from '../mail/mail-colors.ts'
import { accentColors } from './accent-colors.ts'

/** The colours of the page, for the mails: they have the same grounds. */
export function accentMailColors(accentColor: string): MailColors {
  const [light, dark] = [accentColors(accentColor, 'light'), accentColors(accentColor, 'dark')]
  return {
    accentText: light['accent-text'],
    accentGround: light['accent-ground'],
    darkAccentText: dark['accent-text'],
    darkAccentGround: dark['accent-ground'],
  }
}
