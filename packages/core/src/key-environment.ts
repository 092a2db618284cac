import { activeKey, deriveKid, type Key } from './key.ts'
import type { KeyRingRecord } from './key-ring.ts'
import { KeyRingError } from './key-ring-error.ts'
import { parseSecretKey } from './secret-key.ts'

/**
 * The key ring that `SECRET_KEY` and `SECRET_KEY_FALLBACKS` describe: the first signs, the others only
 * verify. Nothing is ever made here.
 *
 * @throws {KeyRingError} that names the variable and the fault
 */
export function keyRingFromEnvironment(secretKey: string, fallbacks: string | undefined): KeyRingRecord {
  const signer = activeKey(parse('SECRET_KEY', secretKey), 0)
  const older = (fallbacks ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text, index): Key => {
      const secret = parse(`SECRET_KEY_FALLBACKS (number ${index + 1})`, text)
      return { ...activeKey(secret, 0), state: 'retired' }
    })
  const keys = [signer, ...older]
  if (new Set(keys.map((key) => key.kid)).size !== keys.length) {
    throw new KeyRingError('SECRET_KEY_FALLBACKS: repeats a key; name each key once')
  }
  return { ringId: deriveKid(signer.secret), epoch: 0, keys }
}

function parse(variable: string, text: string): Uint8Array {
  const parsed = parseSecretKey(text)
  if (!parsed.ok) {
    throw new KeyRingError(
      `${variable}: ${parsed.fault}; expected at least 32 random bytes as hex, base64 or text, such as \`openssl rand -hex 32\` prints`,
    )
  }
  return parsed.secret
}
