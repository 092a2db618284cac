export interface ReturnToOptions {
  /** The origin of the sign-in page itself, which is always allowed. */
  publicOrigin: URL
  origins: readonly string[]
}

// What URLs are made of, without the backslash, which browsers read as a slash. (RFC 3986 section 2)
const urlCharacters = /^[!#-;=?-Z[\]_a-z~]+$/
const pathOrHttpUrl = /^(\/(?!\/)|https?:\/\/(?!\/))/i

/**
 * Reads where a sign-in is to return to: a path of the sign-in service or a URL of one of `origins`. Gives
 * the absolute URL, or undefined for anything else. (ASVS 3.7.2)
 *
 * The URL parser forgives tabs, backslashes, missing slashes and look-alike dots. Nothing that it would have
 * to forgive is let near it, so that what is checked here is what every browser will read.
 */
export function parseReturnTo(text: string, { publicOrigin, origins }: ReturnToOptions): string | undefined {
  if (!isCarried(text) || !urlCharacters.test(text) || !pathOrHttpUrl.test(text)) return undefined
  const url = URL.parse(text, publicOrigin.href)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const isAllowed = url.origin === publicOrigin.origin || origins.includes(url.origin)
  return isAllowed && isCarried(url.href) ? url.href : undefined
}

const mostEncoded = 2_048

/** Whether it is short enough, as a form or a query has it, to go from step to step: a whole form has 4 KiB. */
function isCarried(text: string): boolean {
  return new URLSearchParams({ '': text }).toString().length - '='.length <= mostEncoded
}

/** Where a sign-in is asked to lead on to. What no way leads to is not carried along: it is too long, or a list. */
export function returnToOf(value: unknown): string {
  return typeof value === 'string' && isCarried(value) ? value : ''
}
