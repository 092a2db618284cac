const mostLength = 200
const addressLike = /[^\s<>@]+(?:@|%40|=40)[^\s<>@]+/gi

/**
 * What a mail server said, as log and ledger keep it: one bounded line without control characters, without
 * anything that looks like an address, which servers like to name, and without the code.
 */
export function replyText(reply: string, code?: string): string {
  const [line = ''] = reply.slice(0, 2 * mostLength).split(/[\r\n]/, 1)
  const shown = line.replace(/\p{C}/gu, ' ').replace(addressLike, '(address)')
  const withoutCode = code === undefined ? shown : shown.replaceAll(code, '(code)')
  return withoutCode.slice(0, mostLength).trim()
}
