/** Takes out of what a mail server says what the server was told and nobody else may read. */
export type ReplyMask = (text: string, code?: string) => string

/** As they stand in `SMTP_URL`. */
export interface MailLogin {
  user?: string | undefined
  pass?: string | undefined
}

const base64Run = /[A-Za-z0-9+/_-]{12,}={0,2}/g

/**
 * Masks the password, in every form in which the server was told it, and the code that the mail carries, with whatever
 * stands between its digits. A longer run of Base64 is masked where either is in it, or where it is a piece of such a form.
 */
export function createReplyMask(login: MailLogin = {}): ReplyMask {
  const encoded = encodedForms(login)
  const secret = patternOf([...plainForms(login), ...encoded])
  return (text, code = '') => {
    const digits = code === '' ? undefined : codePattern(code)
    const mask = (shown: string) =>
      [[secret, '(secret)'] as const, [digits, '(code)'] as const].reduce(
        (rest, [pattern, name]) => (pattern === undefined ? rest : rest.replace(pattern, name)),
        shown,
      )
    const isTelling = (run: string) =>
      isPieceOf(encoded, run) || readingsOf(run).some((reading) => mask(reading) !== reading)
    return mask(text).replace(base64Run, (run) => (isTelling(run) ? '(secret)' : run))
  }
}

function plainForms({ pass = '' }: MailLogin): string[] {
  return [pass, encodeURIComponent(pass)].filter(Boolean)
}

/** The password in Base64, as AUTH LOGIN and AUTH PLAIN send it. Without padding, which may be there or not. */
function encodedForms({ user = '', pass = '' }: MailLogin): string[] {
  if (pass === '') return []
  const texts = [pass, `${user}:${pass}`, `\0${user}\0${pass}`, `${user}\0${user}\0${pass}`]
  return texts.flatMap((text) => [withoutPadding(text, 'base64'), withoutPadding(text, 'base64url')])
}

function withoutPadding(text: string, encoding: 'base64' | 'base64url'): string {
  return Buffer.from(text).toString(encoding).replace(/=+$/, '')
}

function patternOf(forms: readonly string[]): RegExp | undefined {
  if (forms.length === 0) return undefined
  // Of two that begin alike the longer is to be found.
  const longestFirst = forms.toSorted((one, other) => other.length - one.length)
  return new RegExp(`(?:${longestFirst.map(escaped).join('|')})={0,2}`, 'giu')
}

/** Its digits, whatever but letters and digits is between them; and its Base64. */
function codePattern(code: string): RegExp {
  const spread = [...code].map(escaped).join('[^\\p{L}\\p{N}]*')
  return new RegExp(`${spread}|${escaped(withoutPadding(code, 'base64'))}={0,2}`, 'giu')
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** Servers cut short what they repeat. */
function isPieceOf(forms: readonly string[], run: string): boolean {
  const piece = run.replace(/=+$/, '').toLowerCase()
  return forms.some((form) => form.toLowerCase().includes(piece))
}

/** What stands in Base64 may begin at any of four characters, where other text runs into it. */
function readingsOf(run: string): string[] {
  return [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64').toString())
}
