import { findLanguage, type Language } from '@holdfast/messages'
import type { HttpContext } from './http-context.ts'

/** The language that a request asks for, of those that the mails come in; null when it asks for none of them. */
export function requestLanguage(ctx: HttpContext): Language | null {
  return findLanguage(ctx.acceptsLanguages()) ?? null
}
