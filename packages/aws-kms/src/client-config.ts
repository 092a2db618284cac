import type { KMSClientConfig } from '@aws-sdk/client-kms'
import { KeyWrapperError } from '@holdfast/core'

export type Environment = Record<string, string | undefined>

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/

/**
 * What the environment says about the KMS client; what it does not say the SDK looks for itself.
 *
 * @throws {KeyWrapperError} `misconfigured`
 */
export function readClientConfig(environment: Environment): KMSClientConfig {
  const { AWS_REGION: region } = environment
  const endpoint = readEndpoint(environment)
  const credentials = readCredentials(environment)
  return {
    // Whoever calls decides about another try.
    maxAttempts: 1,
    ...(region && { region }),
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
  }
}

function readCredentials(environment: Environment): KMSClientConfig['credentials'] {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = environment
  // The SDK prefers the profile, and so it must choose.
  if (environment.AWS_PROFILE || !accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}

function readEndpoint(environment: Environment): string | undefined {
  const name = environment.AWS_ENDPOINT_URL_KMS ? 'AWS_ENDPOINT_URL_KMS' : 'AWS_ENDPOINT_URL'
  const text = environment[name]
  if (!text || environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined
  const url = URL.parse(text)
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (!url || !isHttp || url.username || url.password) {
    throw new KeyWrapperError(
      'misconfigured',
      `AWS KMS cannot be used, because ${name} is not an https URL without a password`,
    )
  }
  if (url.protocol === 'http:' && !loopback.test(url.hostname)) {
    throw new KeyWrapperError(
      'misconfigured',
      `AWS KMS cannot be used, because ${name} is plain http to ${url.hostname}, which would show the data key ` +
        'to the network: use https',
    )
  }
  return text
}
