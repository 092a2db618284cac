import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { type KeyWrapper, KeyWrapperError, untilAborted } from '@holdfast/core'
import { type Environment, readClientConfig } from './client-config.ts'
import { type Attempt, explainFailure, explainWrongAnswer } from './explain-failure.ts'

const dataKeyBytes = 32

/**
 * AWS KMS as a key wrapper. The key name may be a key id, an alias (`alias/holdfast`) or an ARN; the name
 * given back is the ARN of the key that KMS used. KMS keeps the versions of a key inside the ciphertext.
 *
 * From `environment`: AWS_REGION, AWS_ENDPOINT_URL_KMS or AWS_ENDPOINT_URL, and, where AWS_PROFILE is not
 * set, AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. What is not there the SDK looks
 * for itself, by its standard chains: AWS_PROFILE with the shared files, AWS_WEB_IDENTITY_TOKEN_FILE with
 * AWS_ROLE_ARN, and the metadata services of ECS, EKS and EC2 (not with AWS_EC2_METADATA_DISABLED=true).
 *
 * Never throws: what is wrong with the environment fails each call, as `misconfigured`.
 */
export function createKeyWrapper(environment: Environment): KeyWrapper {
  let client: KMSClient | undefined

  async function connect(): Promise<KMSClient> {
    client ??= new KMSClient(readClientConfig(environment))
    await client.config.region().catch(() => {
      throw new KeyWrapperError(
        'misconfigured',
        'AWS KMS cannot be used, because no usable region was found: set AWS_REGION to the region of the key',
      )
    })
    return client
  }

  return {
    async wrap(keyName, dataKey, { ringId, signal }) {
      const attempt: Attempt = { verb: 'wrap', keyName, signal }
      const answer = await settle(attempt, async () => {
        const command = new EncryptCommand({
          KeyId: keyName,
          Plaintext: dataKey,
          EncryptionContext: encryptionContextOf(ringId),
        })
        return (await connect()).send(command, { abortSignal: signal })
      })
      if (answer.KeyId === undefined || answer.CiphertextBlob === undefined) {
        throw explainWrongAnswer(attempt, 'no wrapped key')
      }
      return { keyName: answer.KeyId, wrapped: answer.CiphertextBlob }
    },

    async unwrap({ keyName, wrapped }, { ringId, signal }) {
      const attempt: Attempt = { verb: 'unwrap', keyName, signal }
      const { Plaintext: dataKey } = await settle(attempt, async () => {
        const command = new DecryptCommand({
          KeyId: keyName,
          CiphertextBlob: wrapped,
          EncryptionContext: encryptionContextOf(ringId),
        })
        return (await connect()).send(command, { abortSignal: signal })
      })
      if (dataKey?.length !== dataKeyBytes) {
        throw explainWrongAnswer(attempt, `${dataKey?.length ?? 0} bytes instead of ${dataKeyBytes}`)
      }
      return dataKey
    },
  }
}

function encryptionContextOf(ringId: string): Record<string, string> {
  return { 'holdfast:ring': ringId }
}

/** The SDK heeds the signal once it sends; while it looks for a region or credentials it does not. */
async function settle<Answer>(attempt: Attempt, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await untilAborted(attempt.signal, call)
  } catch (error) {
    throw explainFailure(attempt, error)
  }
}
