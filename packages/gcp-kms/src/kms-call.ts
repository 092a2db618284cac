import { KeyManagementServiceClient } from '@google-cloud/kms'
import { untilAborted } from '@holdfast/core'
import type { Endpoint } from './endpoint.ts'
import { callError, credentialError } from './kms-error.ts'

interface KmsCall {
  /** What is tried, for the message of its failure. */
  tried: string
  endpoint: Endpoint | undefined
  signal: AbortSignal
}

interface CallOptions {
  signal: AbortSignal
  retry: null
}

/**
 * Signs in and makes one call, once; a token service that is away the SDK asks three times.
 *
 * @throws {KeyWrapperError}
 */
export async function callKms<T>(
  { tried, endpoint, signal }: KmsCall,
  call: (client: KeyManagementServiceClient, options: CallOptions) => Promise<T>,
): Promise<T> {
  let client: KeyManagementServiceClient
  try {
    client = await untilAborted(signal, () => signIn(endpoint))
  } catch (error) {
    throw credentialError(tried, error)
  }
  try {
    return await untilAborted(signal, () => call(client, { signal, retry: null }))
  } catch (error) {
    throw callError(tried, error)
  }
}

/**
 * Apart from the call and before it: without credentials the call would leave a rejection that nobody handles,
 * and a token service that refuses would look like KMS refusing.
 */
async function signIn(endpoint: Endpoint | undefined): Promise<KeyManagementServiceClient> {
  // REST, as there is one call at a start and another at a rotation: gRPC would hold a channel for them.
  const client = new KeyManagementServiceClient({ ...endpoint, fallback: true })
  await client.initialize()
  await client.auth.getRequestHeaders()
  return client
}
