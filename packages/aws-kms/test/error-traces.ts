import { inspect } from 'node:util'

/** The spellings of `secrets` that show anywhere in an error: in its text, stack, fields or causes. */
export function shownIn(error: unknown, secrets: (string | Uint8Array)[]): string[] {
  const texts = [String(error), JSON.stringify(error), inspect(error, { depth: null, showHidden: true })]
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    texts.push(cause.message, `${cause.stack}`)
  return secrets.flatMap(spellingsOf).filter((spelling) => texts.some((text) => text.includes(spelling)))
}

/** A part of the secret is enough: 8 bytes of it, as any encoding or `inspect` shows them. */
function spellingsOf(secret: string | Uint8Array): string[] {
  const bytes = Buffer.from(secret).subarray(0, 9)
  const hex = bytes.subarray(0, 8).toString('hex')
  return [
    bytes.toString('latin1').slice(0, 8),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    hex,
    hex.replaceAll(/..(?=.)/g, '$& '),
    [...bytes.subarray(0, 8)].join(', '),
  ]
}
