/** The polynomial of Castagnoli, 0x1edc6f41, with its bits reversed. */
const polynomial = 0x82f63b78

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomial : 0)
  return remainder
})

/** The CRC32C of `bytes` as an unsigned number (RFC 3720, 12.1 and appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let checksum = 0xffffffff
  for (const byte of bytes) checksum = (checksum >>> 8) ^ (table[(checksum ^ byte) & 0xff] ?? 0)
  return (checksum ^ 0xffffffff) >>> 0
}
