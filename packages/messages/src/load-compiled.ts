/// <reference types="vite/client" />
import type { Language } from './language.ts'
import { type CompiledMessages, createMessages, type Messages } from './messages.ts'

const catalogs = import.meta.glob<CompiledMessages>('../languages/*.json', { import: 'default' })

/** The catalog in one language, for a page that Vite builds with `compiledMessages`: one small file of its own. */
export async function loadCompiledMessages(language: Language): Promise<Messages> {
  const compiled = await loadCompiled(language)
  return createMessages(language, (key) => compiled[key])
}

/** The same as plain data, that a server can put into a page for `createMessages` there. */
export async function loadCompiled(language: Language): Promise<CompiledMessages> {
  const load = catalogs[`../languages/${language}.json`]
  if (load === undefined) throw new Error(`the build has no messages in ${language}`)
  return load()
}
