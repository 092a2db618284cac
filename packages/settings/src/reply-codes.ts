/**
 * All that is kept of the reply to a login, whose text may repeat what was sent: its code and its enhanced status code.
 * (RFC 5321 section 4.2, RFC 2034)
 */
export function replyCodes(reply = ''): string {
  const [, code, status] = /^(\d{3})(?:[ -]([245]\.\d{1,3}\.\d{1,3})(?![\w.]))?(?!\w)/.exec(reply) ?? []
  return [code ?? 'no reply code', status].filter(Boolean).join(' ')
}
