import format, { type CompiledMessage, type FormatOptions, type FormatValues } from 'icu-minify/format'
import { directionOf, type Language, localeOf } from './language.ts'
import type { MessageKey, PlainKey, RichKey, ValuesFor } from './placeholders.ts'

export type CompiledMessages = Record<MessageKey, CompiledMessage>

/** A stretch of a message. */
export interface MessagePart {
  text: string
  isStrong: boolean
}

/** The catalog in one language. */
export interface Messages {
  readonly language: Language
  say<Key extends PlainKey>(key: Key, ...values: ValuesFor<Key>): string
  /** A message of which a part is strong. */
  parts<Key extends RichKey>(key: Key, ...values: ValuesFor<Key>): MessagePart[]
}

const options: FormatOptions = {
  formatters: {
    getDateTimeFormat: (...given) => new Intl.DateTimeFormat(...given),
    getNumberFormat: (...given) => new Intl.NumberFormat(...given),
    getPluralRules: (...given) => new Intl.PluralRules(...given),
  },
}

export function createMessages(
  language: Language,
  messageOf: (key: MessageKey) => CompiledMessage,
): Messages {
  const locale = localeOf(language)
  const isolate = directionOf(language) === 'rtl' ? isolated : asItIs

  function partsOf(key: MessageKey, values: Record<string, string | number> = {}): MessagePart[] {
    const filled: FormatValues<MessagePart> = {
      ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isolate(value)])),
      b: (chunks) => ({ text: chunks.join(''), isStrong: true }),
    }
    return [format<MessagePart>(messageOf(key), locale, filled, options)]
      .flat()
      .map((part) => (typeof part === 'string' ? { text: part, isStrong: false } : part))
  }

  return {
    language,
    say: (key, ...[values]) =>
      partsOf(key, values)
        .map(({ text }) => text)
        .join(''),
    parts: (key, ...[values]) => partsOf(key, values),
  }
}

function asItIs<Value>(value: Value): Value {
  return value
}

/**
 * A text of unknown direction inside one that runs from right to left: without a first-strong isolate around it,
 * `10:42 UTC` would read `UTC 10:42`. (UAX #9 section 2.4)
 */
function isolated<Value>(value: Value): Value | string {
  return typeof value === 'string' ? `\u2068${value}\u2069` : value
}
