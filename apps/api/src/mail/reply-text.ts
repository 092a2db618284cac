const mostLength = 200
/** Of a line that is longer nothing is kept: the server would stand still while it is looked through. */
const mostRead = 64 * 1024
const addressLike = /[^\s<>@]+(?:@|%40|=40)[^\s<>@]+/gi

/**
 * What a mail server said, as log and ledger keep it: one bounded line without control characters, without
 * anything that looks like an address, which servers like to name, and without what `mask` knows.
 */
export function replyText(reply: string, mask: (text: string) => string): string {
  const [line = ''] = reply.slice(0, mostRead + 1).split(/[\r\n]/, 1)
  if (line.length > mostRead) return '(a line without an end)'
  // Masked before it is cut: of what is cut in two, half would be left.
  const masked = mask(line.replace(/\p{C}/gu, ' ')).slice(0, 2 * mostLength)
  return masked.replace(addressLike, '(address)').slice(0, mostLength).trim()
}
