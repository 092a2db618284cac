import { KeyWrapperError } from '@holdfast/core'

export interface KeyUrl {
  vaultUrl: string
  name: string
  version: string | undefined
  /** The vault runs on this machine, as it does in tests: nothing of Azure's does. */
  isLoopback: boolean
}

const pathPattern = /^\/keys\/(?<name>[\dA-Za-z-]{1,127})(?:\/(?<version>[\dA-Fa-f]{32}))?$/
const loopbackHosts = ['127.0.0.1', '[::1]']

/**
 * Parses the name of a key in Azure Key Vault or Managed HSM: `https://<vault>/keys/<name>[/<version>]`.
 *
 * @throws {KeyWrapperError} `misconfigured`; the message leaves the text out, which may be a URL with a secret
 */
export function parseKeyUrl(text: string): KeyUrl {
  const url = URL.parse(text)
  const { name, version } = pathPattern.exec(url?.pathname ?? '')?.groups ?? {}
  if (url === null || name === undefined || url.href !== `${url.origin}${url.pathname}`) throw malformed()
  if (url.protocol !== 'https:') throw malformed()
  return { vaultUrl: url.origin, name, version, isLoopback: loopbackHosts.includes(url.hostname) }
}

function malformed(): KeyWrapperError {
  return new KeyWrapperError(
    'misconfigured',
    'Azure Key Vault: the key name is malformed. Expected ' +
      'https://<vault>.vault.azure.net/keys/<name> or the same with /<version> of 32 hexadecimal digits.',
  )
}
