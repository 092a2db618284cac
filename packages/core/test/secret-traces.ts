/** Those of `texts` that show six or more characters in a row of any spelling of `secret`. */
export function showing(secret: Uint8Array, texts: Iterable<string>): string[] {
  const spellings = (['base64url', 'base64', 'hex', 'latin1'] as const).map((encoding) =>
    Buffer.from(secret).toString(encoding),
  )
  const parts = spellings.flatMap((text) =>
    Array.from({ length: text.length - 5 }, (_, at) => text.slice(at, at + 6)),
  )
  return [...texts].filter((text) => parts.some((part) => text.includes(part)))
}
