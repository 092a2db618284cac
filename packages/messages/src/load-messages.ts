import compile from 'icu-minify/compile'
import type { CompiledMessage } from 'icu-minify/format'
import type { Language } from './language.ts'
import { createMessages, type Messages } from './messages.ts'
import type { MessageKey } from './placeholders.ts'

type Source = Record<MessageKey, string>

const sources: Record<Language, () => Promise<{ default: Source }>> = {
  en: () => import('../languages/en.json', { with: { type: 'json' } }),
  de: () => import('../languages/de.json', { with: { type: 'json' } }),
  fr: () => import('../languages/fr.json', { with: { type: 'json' } }),
  es: () => import('../languages/es.json', { with: { type: 'json' } }),
  'pt-BR': () => import('../languages/pt-BR.json', { with: { type: 'json' } }),
  it: () => import('../languages/it.json', { with: { type: 'json' } }),
  nl: () => import('../languages/nl.json', { with: { type: 'json' } }),
  pl: () => import('../languages/pl.json', { with: { type: 'json' } }),
  tr: () => import('../languages/tr.json', { with: { type: 'json' } }),
  ja: () => import('../languages/ja.json', { with: { type: 'json' } }),
  'zh-CN': () => import('../languages/zh-CN.json', { with: { type: 'json' } }),
  ar: () => import('../languages/ar.json', { with: { type: 'json' } }),
}

/** The catalog in one language, for a server: read from its file, each message compiled when it is first said. */
export async function loadMessages(language: Language): Promise<Messages> {
  const { default: source } = await sources[language]()
  const compiled = new Map<MessageKey, CompiledMessage>()
  return createMessages(language, (key) => {
    const known = compiled.get(key) ?? compile(source[key])
    compiled.set(key, known)
    return known
  })
}
