const rfc4648 = 'abcdefghijklmnopqrstuvwxyz234567'
// Crockford's alphabet leaves out I, L, O and U, so a person can read it over the telephone.
const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The first 40 bits of `bytes` as 8 lower-case letters and digits of RFC 4648 base32. */
export function base32(bytes: Uint8Array): string {
  return encode40Bits(bytes, rfc4648)
}

/** The first 40 bits of `bytes` as 8 characters of Crockford's base32. */
export function readableBase32(bytes: Uint8Array): string {
  return encode40Bits(bytes, crockford)
}

function encode40Bits(bytes: Uint8Array, alphabet: string): string {
  if (bytes.length < 5) throw new RangeError(`base32 needs 5 bytes, got ${bytes.length}`)
  let bits = 0n
  for (const byte of bytes.subarray(0, 5)) bits = (bits << 8n) | BigInt(byte)
  let text = ''
  for (let shift = 35n; shift >= 0n; shift -= 5n) text += alphabet[Number((bits >> shift) & 31n)]
  return text
}
