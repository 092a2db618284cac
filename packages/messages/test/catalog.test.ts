import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Language, languageTags, localeOf, type MessageKey, type MessagePart } from '../src/index.ts'
import { loadMessages } from '../src/load-messages.ts'
import { placeholders } from '../src/placeholders.ts'
import { english, keys, readCatalog } from './catalog.ts'
import { syntaxOf } from './message-syntax.ts'

/** Rightly the same in most languages. */
const sameAsEnglish: readonly MessageKey[] = ['sentences']

/** What holds a place in an address that nobody has is left as it is; the rest of it may be translated. */
const latinWords = /[A-Za-z]{3,}/g
const latinNames = ['example', 'com', 'name', 'Cookie', 'appName', 'origin', 'reference', 'email', 'time']

/** The messages of a language, whatever they need filled in. */
async function loadFilled(language: Language): Promise<(key: MessageKey) => MessagePart[]> {
  const values = Object.fromEntries(
    Object.values(placeholders).flatMap((names) =>
      Object.entries(names).map(([name, kind]) => [name, kind === 'number' ? 3 : `‹${name}›`]),
    ),
  )
  const { parts } = await loadMessages(language)
  const partsOf = parts as (key: MessageKey, given: typeof values) => MessagePart[]
  return (key) => partsOf(key, values)
}

test('there is one file for each language and no other', () => {
  const files = readdirSync(new URL('../languages/', import.meta.url))
  expect(files.sort()).toEqual(languageTags.map((tag) => `${tag}.json`).sort())
})

test('the placeholders that the types know are those of the English messages', () => {
  const used = keys.map((key) => [key, syntaxOf(english[key]).placeholders] as const)
  const filled = used.filter(([, names]) => Object.keys(names).length > 0)
  expect(Object.fromEntries(filled)).toEqual(placeholders)
})

describe.each(languageTags)('%s', (language) => {
  const catalog = readCatalog(language)

  test('has every message, in the order of the English ones, and no other', () => {
    expect(Object.keys(catalog)).toEqual(keys)
  })

  test('every message asks for what the English one asks for', () => {
    for (const key of keys)
      expect(syntaxOf(catalog[key]).placeholders, key).toEqual(syntaxOf(english[key]).placeholders)
  })

  test('every plural tells apart what the language does', () => {
    const { pluralCategories } = new Intl.PluralRules(localeOf(language)).resolvedOptions()
    const plurals = keys.flatMap((key) => syntaxOf(catalog[key]).plurals)
    expect(plurals.length).toBeGreaterThan(0)
    for (const categories of plurals) expect([...categories].sort()).toEqual([...pluralCategories].sort())
  })

  test('has no stray blanks, no straight quotation marks and no empty message', () => {
    for (const key of keys) {
      expect(catalog[key].trim(), key).toBe(catalog[key])
      expect(catalog[key], key).not.toBe('')
      expect(catalog[key], key).not.toMatch(/ {2}|"|'/)
    }
  })

  test('says every message with what fills it, and leaves no bracket behind', async () => {
    const partsOf = await loadFilled(language)
    for (const key of keys) {
      const said = partsOf(key)
        .map(({ text }) => text)
        .join('')
      expect(said, key).not.toMatch(/[{}<>#]|undefined/)
      for (const [name, kind] of Object.entries(syntaxOf(english[key]).placeholders)) {
        if (kind === 'text') expect(said, key).toContain(`‹${name}›`)
        if (kind === 'number') expect(said, key).toContain('3')
      }
    }
  })

  test('what is strong in a message is one stretch of it, and a message without one has none', async () => {
    const partsOf = await loadFilled(language)
    for (const key of keys) {
      const strong = partsOf(key).filter(({ isStrong }) => isStrong)
      expect(strong.length, key).toBe('b' in syntaxOf(english[key]).placeholders ? 1 : 0)
    }
  })
})

test.each(languageTags.filter((tag) => tag !== 'en'))('%s leaves nothing in English', (language) => {
  const catalog = readCatalog(language)
  const left = keys.filter((key) => catalog[key] === english[key] && !sameAsEnglish.includes(key))
  expect(left).toEqual([])
})

test.each(['ja', 'zh-CN', 'ar'] as const)('%s is written in its own script', (language) => {
  const catalog = readCatalog(language)
  for (const key of keys) {
    const words = catalog[key].replace(/\{[^{}]*\}/g, '').match(latinWords) ?? []
    const foreign = words.filter(
      (word) => !latinNames.includes(word) && !/^(count|plural|other|zero|one|two|few|many)$/.test(word),
    )
    expect(foreign, key).toEqual([])
  }
})
