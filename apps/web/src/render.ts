import { readFile } from 'node:fs/promises'
import { loadCompiledMessages } from '@holdfast/messages/load-compiled'
import { fillTemplate } from './fill-template.ts'
import type { PageData } from './page-data.ts'
import { renderApp } from './render-app.ts'

/*
 * What the server loads of this app: the build of this file stands beside that of the page, and what it reads
 * there once is what the page is made of from then on.
 */

const client = new URL('../client/', import.meta.url)
const template = await readFile(new URL('index.html', client), 'utf8')
const manifest: Record<string, { file: string }> = JSON.parse(
  await readFile(new URL('.vite/manifest.json', client), 'utf8'),
)

/** The sign-in page as an HTML document. */
export async function renderPage(data: PageData): Promise<string> {
  const messages = await loadCompiledMessages(data.language)
  return fillTemplate({ template, wordsPath }, data, renderApp(data, messages))
}

function wordsPath(language: string): string {
  const key = `../../packages/messages/languages/${language}.json`
  const entry = manifest[key]
  if (entry === undefined) throw new Error(`the build has no file for ${key}`)
  return `/${entry.file}`
}
