import { defaultLanguage, type Language, languageTags } from './language.ts'

/** Nobody prefers more than these; what comes after them is not looked at. */
const mostWanted = 50
/** The longest tag that RFC 5646 has to allow for (section 4.4.1). */
const longestTag = 35

const byMainSubtag = new Map(languageTags.map((tag) => [mainSubtagOf(tag), tag]))

/**
 * The first of the wanted languages that the catalog has, by their main subtag: there is one variety of each,
 * and somebody who asks for another reads that one better than English (`pt` and `pt-PT` get `pt-BR`).
 */
export function findLanguage(wanted: readonly string[]): Language | undefined {
  for (const tag of wanted.slice(0, mostWanted)) {
    const found = byMainSubtag.get(mainSubtagOf(tag))
    if (found !== undefined) return found
  }
  return undefined
}

/** The same, or English. */
export function chooseLanguage(wanted: readonly string[]): Language {
  return findLanguage(wanted) ?? defaultLanguage
}

/** Of a tag as people and programs write them (`pt_BR`), and of an outdated one its present form (`cmn`: `zh`). */
function mainSubtagOf(tag: string): string | undefined {
  if (tag.length > longestTag) return undefined
  try {
    return new Intl.Locale(tag.trim().replaceAll('_', '-')).language
  } catch {
    return undefined
  }
}
