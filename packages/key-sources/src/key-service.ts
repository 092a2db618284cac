import { type CallKeyWrapper, type KeyWrapper, KeyWrapperError } from '@holdfast/core'
import type { KeyServiceName } from '@holdfast/settings'
import pRetry from 'p-retry'

export interface KeyServiceOptions {
  service: KeyServiceName
  /** What the vendor's SDK is configured by. */
  environment: Record<string, string | undefined>
  /** How long a service that does not answer is asked again. */
  waitMs: number
  onRetry?: (error: KeyWrapperError, retryInMs: number) => void
}

interface KeyServicePackage {
  createKeyWrapper(environment: Record<string, string | undefined>): KeyWrapper
}

const callMs = 10_000

/** The vendors' SDKs are large: each has a package of its own, and only that of the chosen service is loaded. */
const packages: Record<KeyServiceName, { name: string; load: () => Promise<KeyServicePackage> }> = {
  'aws-kms': { name: '@holdfast/aws-kms', load: () => import('@holdfast/aws-kms') },
  'azure-key-vault': { name: '@holdfast/azure-key-vault', load: () => import('@holdfast/azure-key-vault') },
  'gcp-kms': { name: '@holdfast/gcp-kms', load: () => import('@holdfast/gcp-kms') },
  vault: { name: '@holdfast/vault-transit', load: () => import('@holdfast/vault-transit') },
}

/**
 * Calls a key management service. What may pass by itself, a service that throttles or cannot be reached, is
 * tried again with growing pauses for as long as `waitMs`; anything else fails at once.
 *
 * @throws {KeyWrapperError}
 */
export function keyService({ service, environment, waitMs, onRetry }: KeyServiceOptions): CallKeyWrapper {
  let wrapper: KeyWrapper | undefined

  return async function callKeyService(call) {
    wrapper ??= await loadWrapper(service, environment)
    const chosen = wrapper
    return pRetry(() => call(chosen, AbortSignal.timeout(Math.min(callMs, waitMs))), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: 200,
      maxTimeout: 10_000,
      randomize: true,
      maxRetryTime: waitMs,
      shouldRetry: ({ error }) => error instanceof KeyWrapperError && error.isTemporary,
      onFailedAttempt: ({ error, retryDelay }) => {
        const isLast = retryDelay === 0
        if (error instanceof KeyWrapperError && error.isTemporary && !isLast) onRetry?.(error, retryDelay)
      },
    })
  }
}

async function loadWrapper(
  service: KeyServiceName,
  environment: KeyServiceOptions['environment'],
): Promise<KeyWrapper> {
  const { name, load } = packages[service]
  try {
    return (await load()).createKeyWrapper(environment)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing) throw error
    throw new KeyWrapperError(
      'misconfigured',
      `SECRET_KEY_SOURCE: ${service}: needs the package ${name}, which is not installed; run: npx -y pnpm@12 install`,
      { cause: error },
    )
  }
}
