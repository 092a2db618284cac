import { readFile } from 'node:fs/promises'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import compile from 'icu-minify/compile'
import type { Plugin } from 'vite'

const folder = fileURLToPath(new URL('../languages/', import.meta.url))
  .split(sep)
  .join('/')

/** Compiles the catalog while a page is built, so that no browser loads a parser of messages. */
export function compiledMessages(): Plugin {
  return {
    name: 'compiled-messages',
    enforce: 'pre',
    async load(id) {
      if (!id.startsWith(folder) || !id.endsWith('.json')) return null
      const source: Record<string, string> = JSON.parse(await readFile(id, 'utf8'))
      const compiled = Object.entries(source).map(([key, text]) => [key, compile(text)])
      return JSON.stringify(Object.fromEntries(compiled))
    },
  }
}
