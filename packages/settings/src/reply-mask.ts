/** Takes out of what a mail server says what the server was told and nobody else may read. */
export type ReplyMask = (text: string, code?: string) => string

/** As they stand in `SMTP_URL`. */
export interface MailLogin {
  user?: string | undefined
  pass?: string | undefined
}

const base64Run = /[A-Za-z0-9+/_-]{12,}={0,2}/g
/** Digits, with whatever but letters and digits between them. */
const spreadDigits = /[0-9](?:[^\p{L}\p{N}]*[0-9])*/gu

/**
 * Masks the password, in every form in which the server was told it, and the code that the mail carries, with whatever
 * stands between its digits. A longer run of Base64 is masked where either is in it, or where it is a piece of such a form.
 */
export function createReplyMask(login: MailLogin = {}): ReplyMask {
  const encoded = encodedForms(login)
  const secret = patternOf([...plainForms(login), ...encoded])
  return (text, code = '') => {
    const mask = (shown: string) => {
      const rest = secret === undefined ? shown : shown.replace(secret, '(secret)')
      return code === '' ? rest : withoutCode(rest, code)
    }
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

/**
 * Its digits, whatever but letters and digits is between them; and its Base64. Not by a pattern for each code: what is
 * compiled for it stays in memory for long, some 20 MB for 5,000 mails.
 */
function withoutCode(text: string, code: string): string {
  const shown = text.replace(spreadDigits, (run) => withoutSpreadCode(run, code))
  const encoded = withoutPadding(code, 'base64')
  if (!shown.toLowerCase().includes(encoded.toLowerCase())) return shown
  return shown.replace(new RegExp(`${escaped(encoded)}={0,2}`, 'gi'), '(code)')
}

function withoutSpreadCode(run: string, code: string): string {
  const places = [...run.matchAll(/[0-9]/g)].map(({ index }) => index)
  const at = places
    .map((place) => run[place])
    .join('')
    .indexOf(code)
  const [first, last] = [places[at], places[at + code.length - 1]]
  if (first === undefined || last === undefined) return run
  return `${run.slice(0, first)}(code)${withoutSpreadCode(run.slice(last + 1), code)}`
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
