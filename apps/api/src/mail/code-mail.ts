import type { Messages } from '@holdfast/messages'
import { type CodeFacts, wordsFor } from './code-words.ts'
import type { CodeTemplate } from './mail-templates.ts'

export interface Mail {
  to: string
  subject: string
  text: string
  html: string
  code: string
  /** The same for every attempt at the same code, so that a mail program shows a second copy once. */
  messageId: string
}

export interface CodeMailOptions extends CodeFacts {
  to: string
  verificationId: string
}

/**
 * The mail that carries a code. Nothing in it comes from whoever asked for it, the code is alone on its
 * line, and it stays out of the subject, which a locked screen shows.
 */
export function composeCodeMail(
  options: CodeMailOptions,
  { messages, template }: { messages: Messages; template: CodeTemplate },
): Mail {
  const words = wordsFor(messages, options)
  return {
    to: options.to,
    subject: template.subject(words).trim(),
    text: template.text(words),
    html: template.html(words),
    code: options.code,
    messageId: `<${options.verificationId}.${options.number}@${options.publicOrigin.hostname}>`,
  }
}
