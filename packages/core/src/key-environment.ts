import { activeKey, deriveKid, type Key } from './key.ts'
import { KeyRingError } from './key-ring-error.ts'
import type { KeyRingRecord } from './key-ring-record.ts'
import { parseSecretKey } from './secret-key.ts'

/** The texts of `SECRET_KEY` and `SECRET_KEY_FALLBACKS`, and what to call them: a variable, or a file that one names. */
export interface KeyTexts {
  signer: { name: string; text: string }
  fallbacks?: { name: string; text: string }
}

/**
 * The key ring that `SECRET_KEY` and `SECRET_KEY_FALLBACKS` describe: the first signs, the others only
 * verify. Fallbacks are separated by commas or stand on lines of their own. Nothing is ever made here.
 *
 * @throws {KeyRingError} that names the variable or file and the fault of each key
 */
export function keyRingFromTexts({ signer, fallbacks }: KeyTexts): KeyRingRecord {
  const faults: string[] = []
  const keys: Key[] = []
  const add = (name: string, text: string, state: Key['state']) => {
    const parsed = parseSecretKey(text)
    if (parsed.ok) keys.push({ ...activeKey(parsed.secret), state })
    else faults.push(`${name}: ${parsed.fault}; ${expected}`)
  }
  add(signer.name, signer.text, 'active')
  for (const [index, text] of split(fallbacks?.text ?? '').entries()) {
    add(`${fallbacks?.name} (number ${index + 1})`, text, 'retired')
  }
  if (new Set(keys.map((key) => key.kid)).size !== keys.length) {
    faults.push(`${fallbacks?.name}: repeats a key; name each key once`)
  }
  const [first] = keys
  if (faults.length > 0 || first === undefined) throw new KeyRingError(...faults)
  return { ringId: deriveKid(first.secret as Uint8Array), epoch: 0, keys }
}

const expected =
  'expected at least 32 random bytes as hex, base64 or text, such as `openssl rand -hex 32` prints'

function split(text: string): string[] {
  return text
    .split(/[,\r\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
