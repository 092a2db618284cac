import { type CompiledMessages, createMessages, type Language, type Messages } from '@holdfast/messages'
import { loadCompiled } from '@holdfast/messages/load-compiled'
import { dataElement } from './data-element.ts'

/** The words of a language: to render a page with, and as an element of that page. */
export interface PageWords {
  messages: Messages
  element: string
}

/** Loads them without those of the mails, which no page says. */
export async function loadPageWords(language: Language): Promise<PageWords> {
  const compiled = await loadCompiled(language)
  const ofPage = Object.entries(compiled).filter(([key]) => !key.startsWith('mail.'))
  return {
    messages: createMessages(language, (key) => compiled[key]),
    element: dataElement('page-words', Object.fromEntries(ofPage) as CompiledMessages),
  }
}
