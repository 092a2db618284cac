import { inspect } from 'node:util'
import { KeyWrapperError } from '@holdfast/core'

/** The KeyWrapperError that `call` fails with. */
export async function failureOf(call: Promise<unknown>): Promise<KeyWrapperError> {
  try {
    await call
  } catch (error) {
    if (error instanceof KeyWrapperError) return error
    throw error
  }
  throw new Error('expected the call to fail with a KeyWrapperError, and it succeeded')
}

/** Those of `secrets` that any reading of `error` shows: its message, its stack, its causes and every field. */
export function secretsShownBy(error: Error, secrets: (Uint8Array | string)[]): (Uint8Array | string)[] {
  const inspected = inspect(error, { depth: null, showHidden: true, maxArrayLength: null })
  const text = [error.message, error.stack, inspected].join('\n')
  return secrets.filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)))
}

function spellings(secret: Uint8Array | string): string[] {
  if (typeof secret === 'string') return [secret.slice(0, 12)]
  const bytes = Buffer.from(secret)
  const encoded = (['hex', 'base64', 'base64url'] as const).map((name) => bytes.toString(name).slice(0, 8))
  return [
    ...encoded,
    [...bytes].slice(0, 4).join(','),
    [...bytes].slice(0, 4).join(', '),
    inspect(bytes).slice(8, 19),
  ]
}
