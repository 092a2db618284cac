import { KeyWrapperError } from '@holdfast/core'

export interface TransitKeyName {
  /** `<mount>/<key>`. */
  keyName: string
  mount: string
  key: string
}

/**
 * Reads `<mount>/<key>` or `<key>`, where a mount may hold slashes. Each part may stand in a URL path as it is.
 *
 * @throws {KeyWrapperError} `misconfigured`
 */
export function parseTransitKeyName(text: string): TransitKeyName {
  const parts = text.includes('/') ? text.split('/') : ['transit', text]
  // A part of dots alone would lead the request to another path of Vault.
  if (!parts.every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part))) {
    throw new KeyWrapperError(
      'misconfigured',
      `Vault transit cannot be used with the key ${JSON.stringify(text)}: give <mount>/<key>, such as transit/holdfast`,
    )
  }
  return { keyName: parts.join('/'), mount: parts.slice(0, -1).join('/'), key: parts.at(-1) ?? '' }
}
