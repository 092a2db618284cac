import { DefaultAzureCredential } from '@azure/identity'
import { CryptographyClient, KeyClient, type KeyClientOptions } from '@azure/keyvault-keys'
import { type KeyWrapper, KeyWrapperError, untilAborted } from '@holdfast/core'
import { type KeyUrl, parseKeyUrl } from './key-url.ts'
import { type VaultAnswer, vaultError } from './vault-error.ts'

const algorithm = 'RSA-OAEP-256'
const dataKeyBytes = 32
const noRetries = { retryOptions: { maxRetries: 0 } }

/**
 * Wraps data keys with an RSA key in Azure Key Vault or Managed HSM: RSA-OAEP with SHA-256 (RFC 7518, 4.3).
 * A key name is `https://<vault>.vault.azure.net/keys/<name>[/<version>]`.
 *
 * The `AZURE_*` and `IDENTITY_*` variables are read by Azure's SDK itself, from the process, so that every
 * way it knows to sign in works; `_environment` is not read. RSA-OAEP in Key Vault takes no associated data,
 * so the ring id is not bound here: whoever seals with the data key has to bind it.
 */
export function createKeyWrapper(_environment: Record<string, string | undefined>): KeyWrapper {
  return {
    async wrap(keyName, dataKey, { signal }) {
      const key = parseKeyUrl(keyName)
      return callVault('wrap', keyName, signal, async (call) => {
        const version = key.version ?? (await latestVersion(key, call))
        const client = cryptographyClient(key, version, call)
        const { result } = await client.wrapKey(algorithm, dataKey, call.options)
        if (result.length === 0) throw refused(call, 'an empty wrapped key')
        return { keyName: keyId(key, version), wrapped: result }
      })
    },

    async unwrap({ keyName, wrapped }, { signal }) {
      const key = parseKeyUrl(keyName)
      return callVault('unwrap', keyName, signal, async (call) => {
        const version = key.version ?? (await latestVersion(key, call))
        const client = cryptographyClient(key, version, call)
        const { result } = await client.unwrapKey(algorithm, wrapped, call.options)
        if (result.length === dataKeyBytes) return result
        throw refused(call, `${result.length} bytes where a data key has ${dataKeyBytes}`)
      })
    },
  }
}

interface VaultCall {
  /** What is tried, for the message of its failure. */
  tried: string
  credential: DefaultAzureCredential
  options: { abortSignal: AbortSignal; onResponse: (answer: VaultAnswer) => void }
}

async function callVault<T>(
  operation: 'wrap' | 'unwrap',
  keyName: string,
  signal: AbortSignal,
  work: (call: VaultCall) => Promise<T>,
): Promise<T> {
  const tried = `Azure Key Vault could not ${operation} the data key with ${keyName}`
  let answer: VaultAnswer | undefined
  const onResponse = (heard: VaultAnswer) => {
    answer = heard
  }
  try {
    return await untilAborted(signal, async () => {
      const credential = new DefaultAzureCredential(noRetries)
      return work({ tried, credential, options: { abortSignal: signal, onResponse } })
    })
  } catch (error) {
    if (error instanceof KeyWrapperError) throw error
    throw vaultError(tried, error, answer)
  }
}

/** Asked for before it is used: a key rotated in between would be recorded under a version it has not. */
async function latestVersion(key: KeyUrl, call: VaultCall): Promise<string> {
  const client = new KeyClient(key.vaultUrl, call.credential, clientOptions(key))
  const { properties } = await client.getKey(key.name, call.options)
  if (properties.version) return properties.version
  throw refused(call, 'a key that has no version')
}

/**
 * A client that sends each operation to the vault. Given a URL it would first fetch the key, which needs one
 * more permission, and refuse an expired key by itself, which the vault still unwraps with.
 */
function cryptographyClient(key: KeyUrl, version: string, { credential }: VaultCall): CryptographyClient {
  const { name, vaultUrl } = key
  const named = { id: keyId(key, version), name, properties: { name, vaultUrl, version } }
  return new CryptographyClient(named, credential, clientOptions(key))
}

function keyId({ vaultUrl, name }: KeyUrl, version?: string): string {
  return [vaultUrl, 'keys', name, ...(version === undefined ? [] : [version])].join('/')
}

/**
 * The vault names the resource to get a token for, and Azure's SDK sends that token only to a host under
 * that resource. Any other host could ask for a token to another service, so the check is off for loopback
 * alone; a private endpoint keeps the vault's own name and passes it.
 */
function clientOptions(key: KeyUrl): KeyClientOptions {
  return { ...noRetries, disableChallengeResourceVerification: key.isLoopback }
}

function refused({ tried }: VaultCall, found: string): KeyWrapperError {
  const remedy = 'Check that this is the key the data key was wrapped with.'
  return new KeyWrapperError('refused', `${tried}: it answered ${found}. ${remedy}`)
}
