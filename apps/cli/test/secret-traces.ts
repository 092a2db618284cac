/** Those of `texts` that show eight or more characters in a row of any spelling of `secret`. */
export function showing(secret: Uint8Array, texts: readonly string[]): string[] {
  const spellings = (['base64url', 'base64', 'hex', 'latin1'] as const).map((encoding) =>
    Buffer.from(secret).toString(encoding),
  )
  const parts = spellings.flatMap((text) =>
    Array.from({ length: text.length - 7 }, (_, at) => text.slice(at, at + 8)),
  )
  return texts.filter((text) => parts.some((part) => text.includes(part)))
}
