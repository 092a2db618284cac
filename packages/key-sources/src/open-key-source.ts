import {
  type KeyFileSource,
  type KeySource,
  keyFileSource,
  keySourceAt,
  keyTextsSource,
  wrappedFormat,
} from '@holdfast/core'
import type { KeyServiceName } from '@holdfast/settings'
import type { KeySourceChoice } from './choose-key-source.ts'
import type { KeyServiceOptions } from './key-service.ts'

export type KeyServiceSettings = Omit<KeyServiceOptions, 'service'>

/** The source that was chosen. Nothing is read yet, and of a key management service not even its SDK is loaded. */
export async function openKeySource(
  choice: KeySourceChoice,
  settings: KeyServiceSettings,
): Promise<KeySource> {
  switch (choice.kind) {
    case 'texts':
      return keyTextsSource(choice)
    case 'path':
      return keySourceAt(choice.path)
    case 'wrapped':
      return wrappedKeySource({ ...choice, settings })
  }
}

export interface WrappedKeySourceOptions {
  service: KeyServiceName
  path: string
  settings: KeyServiceSettings
  /** The wrapping key for a ring that was not wrapped before. */
  keyName?: string
}

/** A ring in a file, wrapped by a key management service. */
export async function wrappedKeySource(options: WrappedKeySourceOptions): Promise<KeyFileSource> {
  const { service, path, settings, keyName } = options
  const { keyService } = await import('./key-service.ts')
  const callWrapper = keyService({ ...settings, service })
  return keyFileSource({
    path,
    format: wrappedFormat({ service, callWrapper, ...(keyName !== undefined && { keyName }) }),
  })
}
