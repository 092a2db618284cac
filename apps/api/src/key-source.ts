import { type KeyRingRecord, keyRingFromEnvironment, loadKeyFile } from '@holdfast/core'
import type { KeySource } from './config.ts'

export interface LoadedKeyRing {
  record: KeyRingRecord
  /** How to name the source to an operator. */
  source: string
  created: boolean
  isExposed: boolean
}

/**
 * Loads the key ring from the one source that is configured.
 *
 * @throws {KeyRingError} when there is none, or none that can be used
 */
export async function loadKeyRing(
  source: KeySource,
  options: { create: boolean; nowMs: number },
): Promise<LoadedKeyRing> {
  if (source.kind === 'environment') {
    const record = keyRingFromEnvironment(source.secretKey, source.fallbacks)
    return { record, source: 'SECRET_KEY', created: false, isExposed: false }
  }
  return { ...(await loadKeyFile({ path: source.path, ...options })), source: source.path }
}
