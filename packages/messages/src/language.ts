/** The languages of the catalog by their BCP 47 tags, each with its own name and the way it is written. */
export const languages = {
  en: { name: 'English', direction: 'ltr' },
  de: { name: 'Deutsch', direction: 'ltr' },
  fr: { name: 'Français', direction: 'ltr' },
  es: { name: 'Español', direction: 'ltr' },
  'pt-BR': { name: 'Português (Brasil)', direction: 'ltr' },
  it: { name: 'Italiano', direction: 'ltr' },
  nl: { name: 'Nederlands', direction: 'ltr' },
  pl: { name: 'Polski', direction: 'ltr' },
  tr: { name: 'Türkçe', direction: 'ltr' },
  ja: { name: '日本語', direction: 'ltr' },
  'zh-CN': { name: '简体中文', direction: 'ltr' },
  ar: { name: 'العربية', direction: 'rtl' },
} as const satisfies Record<string, { name: string; direction: 'ltr' | 'rtl' }>

export type Language = keyof typeof languages

export const languageTags = Object.keys(languages) as Language[]

export const defaultLanguage: Language = 'en'

export function isLanguage(tag: string | null | undefined): tag is Language {
  return tag !== null && tag !== undefined && Object.hasOwn(languages, tag)
}

export function directionOf(language: Language): 'ltr' | 'rtl' {
  return languages[language].direction
}

/**
 * The locale for Intl: numbers in the digits of the code itself, which is never written in others, so that one
 * text does not mix two kinds.
 */
export function localeOf(language: Language): string {
  return `${language}-u-nu-latn`
}
