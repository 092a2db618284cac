/** The key ring cannot be used. The message says what is wrong with it, never a byte of a key. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError'
}
