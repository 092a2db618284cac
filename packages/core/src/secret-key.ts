/** What was wrong with a secret key. Never carries a byte of it. */
export type SecretKeyFault =
  | 'is empty'
  | 'has white space or a byte order mark around it'
  | 'has more than one line'
  | 'is not UTF-8 text'
  | 'has an odd number of hex digits'
  | 'is shorter than 32 bytes'
  | 'has fewer than 5 distinct bytes'
  | 'is a placeholder'
  | 'is in quotes'
  | 'has control characters'
  | 'begins with 0x'
  | 'holds several keys'

export type ParsedSecretKey = { ok: true; secret: Uint8Array } | { ok: false; fault: SecretKeyFault }

const minimumBytes = 32
const minimumDistinctBytes = 5
const hexDigits = /^[0-9a-f]+$/i
/** Two long runs of hex or base64 with something between that is of neither: keys, wrongly separated. */
const severalKeys = /^[A-Za-z0-9+/_=-]{32,}([,;:|\s]|\\n)+[A-Za-z0-9+/_=-]{32,}/
const placeholders = /change[-_ ]?me|placeholder|your[-_ ]?secret|replace[-_ ]?(me|this)|^secret|example/i

/**
 * Reads one secret key from text: at least 32 bytes as hex (64 digits or more), as base64 or base64url,
 * or as raw text. One trailing newline is allowed, because editors and `echo` add it; any other white
 * space is refused, because two machines could read it differently.
 */
export function parseSecretKey(text: string): ParsedSecretKey {
  const line = text.replace(/\r?\n$/, '')
  if (line === '') return { ok: false, fault: 'is empty' }
  if (/[\r\n]/.test(line)) return { ok: false, fault: 'has more than one line' }
  if (line !== line.trim()) return { ok: false, fault: 'has white space or a byte order mark around it' }
  // Bytes that are not UTF-8 were decoded to U+FFFD, and what they held is lost.
  if (line.includes('\ufffd')) return { ok: false, fault: 'is not UTF-8 text' }
  // What one tool strips and another keeps would give two machines two keys.
  if (/^["'`]|["'`]$/.test(line)) return { ok: false, fault: 'is in quotes' }
  if (/^0x[0-9a-f]+$/i.test(line)) return { ok: false, fault: 'begins with 0x' }
  if (severalKeys.test(line)) return { ok: false, fault: 'holds several keys' }
  if (placeholders.test(line)) return { ok: false, fault: 'is a placeholder' }
  if (hexDigits.test(line) && line.length % 2 === 1) {
    return { ok: false, fault: 'has an odd number of hex digits' }
  }
  const secret = decodeSecret(line)
  if (secret.length < minimumBytes) return { ok: false, fault: 'is shorter than 32 bytes' }
  if (new Set(secret).size < minimumDistinctBytes) {
    return { ok: false, fault: 'has fewer than 5 distinct bytes' }
  }
  if (/\p{Cc}/u.test(line)) return { ok: false, fault: 'has control characters' }
  return { ok: true, secret }
}

function decodeSecret(line: string): Uint8Array {
  // Hex that is too short must not pass as base64 or text of the same length: it holds half the bytes.
  if (hexDigits.test(line)) return Buffer.from(line, 'hex')
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(line)) {
    const bytes = Buffer.from(line, 'base64')
    if (bytes.length >= minimumBytes) return bytes
  }
  return Buffer.from(line, 'utf8')
}
