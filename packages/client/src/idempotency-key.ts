/** Names one call: 128 random bits in hex. Not `randomUUID`, which a page without https and not on localhost lacks. */
export function createIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
