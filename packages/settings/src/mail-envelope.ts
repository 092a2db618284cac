/** Of a mail that a program has written: nobody need answer that they are away. (RFC 3834) */
export const mailHeaders = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' } as const

/** Who a mail server is told that a mail is from and for, where `from` is the sender as it stands in the header. */
export function envelopeOf({ from, to }: { from: string; to: string }): { from: string; to: string[] } {
  return { from: from.replace(/^.*<(.*)>$/, '$1'), to: [to] }
}

/** An object is one recipient whatever it holds; a string would be parsed as a list. */
export function oneRecipient(address: string): { name: string; address: string } {
  return { name: '', address }
}
