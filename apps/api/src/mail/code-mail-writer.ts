import { defaultLanguage, isLanguage, type Language, type Messages } from '@holdfast/messages'
import { type CodeMailOptions, composeCodeMail, type Mail } from './code-mail.ts'
import { type MailColors, ownMailColors } from './mail-colors.ts'
import type { MailTemplates } from './mail-templates.ts'

export interface CodeMailWriter {
  /** Writes a mail in the language with that tag, or in English where the catalog has none such. */
  write(
    code: Omit<CodeMailOptions, 'appName' | 'publicOrigin' | 'colors'>,
    language: string | null,
  ): Promise<Mail>
}

export interface CodeMailWriterOptions {
  appName: string
  publicOrigin: URL
  /** By default those of Holdfast. */
  colors?: MailColors | undefined
  /** An operator's own. Without them those of Holdfast, read when the first mail is written. */
  templates?: MailTemplates | undefined
}

/** Writes the mails of codes. A language is loaded when the first mail in it is written: no start waits for words. */
export function createCodeMailWriter(options: CodeMailWriterOptions): CodeMailWriter {
  const { appName, publicOrigin, colors = ownMailColors } = options
  const loaded = new Map<Language, Messages>()
  let templates = options.templates

  async function messagesIn(language: Language): Promise<Messages> {
    const { loadMessages } = await import('@holdfast/messages/load')
    const messages = loaded.get(language) ?? (await loadMessages(language))
    loaded.set(language, messages)
    return messages
  }

  return {
    async write(code, tag) {
      const language = isLanguage(tag) ? tag : defaultLanguage
      templates ??= await (await import('./mail-templates.ts')).readOwnTemplates()
      const messages = await messagesIn(language)
      return composeCodeMail(
        { ...code, appName, publicOrigin, colors },
        { messages, template: templates.for(language) },
      )
    },
  }
}
