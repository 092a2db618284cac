import { readFileSync } from 'node:fs'
import type { Language, MessageKey } from '../src/index.ts'

export type Catalog = Record<MessageKey, string>

/** A language as its file has it. */
export function readCatalog(language: Language): Catalog {
  return JSON.parse(readFileSync(new URL(`../languages/${language}.json`, import.meta.url), 'utf8'))
}

export const english = readCatalog('en')
export const keys = Object.keys(english) as MessageKey[]
