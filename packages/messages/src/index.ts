export { chooseLanguage, findLanguage } from './choose-language.ts'
export {
  defaultLanguage,
  directionOf,
  isLanguage,
  type Language,
  languages,
  languageTags,
  localeOf,
} from './language.ts'
export { type CompiledMessages, createMessages, type MessagePart, type Messages } from './messages.ts'
export type { MessageKey, PlainKey, RichKey, ValuesFor } from './placeholders.ts'
