import { type KeyWrapper, KeyWrapperError } from '@holdfast/core'
import { crc32c } from './crc32c.ts'
import { parseEndpoint } from './endpoint.ts'
import { checkKeyName } from './key-name.ts'
import { callKms } from './kms-call.ts'
import { kmsError } from './kms-error.ts'

const dataKeyBytes = 32

/**
 * Wraps data keys with a symmetric key in Google Cloud KMS, the ring id as additional authenticated data. A key
 * name is `projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key>`, without a version.
 * Checksums go along both ways (https://cloud.google.com/kms/docs/data-integrity-guidelines).
 *
 * Of `environment` only `GCP_KMS_ENDPOINT` and `GOOGLE_SDK_NODE_LOGGING` are read here. Application Default
 * Credentials are found by Google's SDK itself, in the process's own environment.
 *
 * @throws {KeyWrapperError} `misconfigured` when one of the two cannot be used
 */
export function createKeyWrapper(environment: Record<string, string | undefined>): KeyWrapper {
  const endpoint = environment.GCP_KMS_ENDPOINT ? parseEndpoint(environment.GCP_KMS_ENDPOINT) : undefined
  refuseLogging(environment.GOOGLE_SDK_NODE_LOGGING)

  return {
    async wrap(keyName, dataKey, { ringId, signal }) {
      checkKeyName(keyName)
      const tried = `Google Cloud KMS could not wrap the data key with ${keyName}`
      const aad = Buffer.from(ringId)
      const answer = await callKms({ tried, endpoint, signal }, async (client, options) => {
        const [answer] = await client.encrypt(
          {
            name: keyName,
            plaintext: dataKey,
            plaintextCrc32c: { value: crc32c(dataKey) },
            additionalAuthenticatedData: aad,
            additionalAuthenticatedDataCrc32c: { value: crc32c(aad) },
          },
          options,
        )
        return answer
      })
      if (!answer.verifiedPlaintextCrc32c || !answer.verifiedAdditionalAuthenticatedDataCrc32c) {
        throw kmsError('refused', tried, 'it did not check what it was sent, which may have been changed')
      }
      if (!answer.name?.startsWith(`${keyName}/cryptoKeyVersions/`)) {
        throw kmsError('refused', tried, 'it used another key')
      }
      return { keyName, wrapped: checkedBytes(tried, answer.ciphertext, answer.ciphertextCrc32c) }
    },

    async unwrap({ keyName, wrapped }, { ringId, signal }) {
      checkKeyName(keyName)
      const tried = `Google Cloud KMS could not unwrap the data key with ${keyName}`
      const aad = Buffer.from(ringId)
      const answer = await callKms({ tried, endpoint, signal }, async (client, options) => {
        const [answer] = await client.decrypt(
          {
            name: keyName,
            ciphertext: wrapped,
            ciphertextCrc32c: { value: crc32c(wrapped) },
            additionalAuthenticatedData: aad,
            additionalAuthenticatedDataCrc32c: { value: crc32c(aad) },
          },
          options,
        )
        return answer
      })
      const dataKey = checkedBytes(tried, answer.plaintext, answer.plaintextCrc32c)
      if (dataKey.length === dataKeyBytes) return dataKey
      const found = `it answered ${dataKey.length} bytes where a data key has ${dataKeyBytes}`
      throw kmsError('refused', tried, found)
    },
  }
}

/** Google's SDK prints each request and answer when this is set, and so the data key. */
function refuseLogging(logging: string | undefined): void {
  if (!logging) return
  throw new KeyWrapperError(
    'misconfigured',
    'Google Cloud KMS: GOOGLE_SDK_NODE_LOGGING is set, which prints data keys. Unset it.',
  )
}

interface Checksum {
  value?: unknown
}

function checkedBytes(tried: string, bytes: unknown, checksum: Checksum | null | undefined): Uint8Array {
  if (bytes instanceof Uint8Array && Number(checksum?.value) === crc32c(bytes)) return bytes
  throw kmsError(
    'refused',
    tried,
    'its answer does not match the checksum, and may have been changed on the way',
  )
}
