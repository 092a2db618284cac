import mustache from 'mustache'
import type { CodeWords } from './code-words.ts'

export type TemplatePart = 'subject' | 'text' | 'html'
export type FilledIn = (words: CodeWords) => string
export type ParsedTemplate = { ok: true; fillIn: FilledIn } | { ok: false; faults: string[] }

/** Gmail cuts off a mail that is longer. */
const mostLength = 100_000

const placeholders: Record<keyof CodeWords, true> = {
  language: true,
  direction: true,
  appName: true,
  origin: true,
  code: true,
  digits: true,
  number: true,
  total: true,
  askedAt: true,
  expiresAt: true,
  duration: true,
  subject: true,
  heading: true,
  validity: true,
  asked: true,
  onlyAt: true,
  ignore: true,
  accentText: true,
  accentGround: true,
  darkAccentText: true,
  darkAccentGround: true,
}

/** One of mustache's tokens: its type, what stands there, from where, to where. */
type Token = [type: string, value: string, ...rest: unknown[]]

/** Reads a template that can do nothing but fill in: mustache's placeholders, escaped in HTML, and no more of it. */
export function parseTemplate(source: string, part: TemplatePart): ParsedTemplate {
  const faults: string[] = []
  try {
    const tokens = mustache.parse(source) as Token[]
    faults.push(...tokens.flatMap(faultsOfToken), ...faultsOfWhole(tokens, source, part))
  } catch (error) {
    faults.push(`does not parse: ${(error as Error).message}`)
  }
  if (faults.length > 0) return { ok: false, faults }
  const options = part === 'html' ? {} : { escape: String }
  return { ok: true, fillIn: (words) => mustache.render(source, words, {}, options) }
}

function faultsOfToken([type, value]: Token): string[] {
  switch (type) {
    case 'text':
    case '!':
      return []
    case 'name':
      return Object.hasOwn(placeholders, value)
        ? []
        : [`unknown placeholder {{${value}}}; known are ${Object.keys(placeholders).join(', ')}`]
    case '&':
      return [`{{{${value}}}} would not be escaped; write {{${value}}}`]
    default:
      return [`{{${type}${value}}} is not possible: a template only fills in placeholders`]
  }
}

function faultsOfWhole(tokens: readonly Token[], source: string, part: TemplatePart): string[] {
  const has = (name: string) => tokens.some(([type, value]) => type === 'name' && value === name)
  if (source.length > mostLength) return [`is longer than ${mostLength} characters`]
  switch (part) {
    case 'subject':
      if (has('code') || has('digits')) return ['shows the code, which a locked screen would show too']
      return /\S[\r\n]+\S/.test(source) ? ['has more than one line'] : []
    case 'html':
      return has('code') ? [] : ['{{code}} is missing']
    case 'text':
      if (!has('code')) return ['{{code}} is missing']
      return /^[ \t]*\{\{[ \t]*code[ \t]*\}\}[ \t]*\r?$/m.test(source)
        ? []
        : ['{{code}} must be alone on its line']
  }
}
