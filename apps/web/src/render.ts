import { readFile } from 'node:fs/promises'
import type { Language } from '@holdfast/messages'
import type { PageData } from '@holdfast/page-data'
import { fillTemplate } from './fill-template.ts'
import { loadPageWords, type PageWords } from './page-words.ts'
import { renderApp } from './render-app.ts'

/*
 * What the server loads of this app. Its build stands beside that of the page, whose frame it reads once: what goes
 * together stays together, whatever is built meanwhile.
 */

const template = await readFile(new URL('../client/index.html', import.meta.url), 'utf8')
const known = new Map<Language, PageWords>()

/** The sign-in page as an HTML document. */
export async function renderPage(data: PageData): Promise<string> {
  const { messages, element } = known.get(data.language) ?? (await loadWords(data.language))
  return fillTemplate(template, data, { ...renderApp(data, messages), words: element })
}

async function loadWords(language: Language): Promise<PageWords> {
  const words = await loadPageWords(language)
  known.set(language, words)
  return words
}
