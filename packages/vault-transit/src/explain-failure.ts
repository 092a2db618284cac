import { KeyWrapperError, type KeyWrapperFault } from '@holdfast/core'
import { VaultAnswerError } from './transit-request.ts'

export interface Attempt {
  verb: 'wrap' | 'unwrap'
  /** `<mount>/<key>`. */
  keyName: string
  signal: AbortSignal
  /** The version of the key that the wrapped data key names. */
  keyVersion?: string | undefined
}

interface Explanation {
  fault: KeyWrapperFault
  remedy: string
}

/**
 * Says what went wrong in a message of one line. What Vault said is recognised and not repeated, because it may
 * quote the request; what `fetch` threw is not the cause, because it may hold a header.
 */
export function explainFailure(attempt: Attempt, error: unknown): KeyWrapperError {
  if (error instanceof KeyWrapperError) return error
  if (attempt.signal.aborted) return failure(attempt, 'no answer in time', unreachable)
  if (error instanceof VaultAnswerError) {
    const cameBack = error.isOfVault ? '' : 'an answer that is not of Vault, '
    return failure(
      attempt,
      `${cameBack}status ${error.status}`,
      explainReasons(attempt, error) ?? explainStatus(error.status),
    )
  }
  return failure(attempt, codeOf(error), unreachable)
}

export function explainWrongAnswer(attempt: Attempt, answer: string): KeyWrapperError {
  return failure(attempt, `it answered ${answer}`, {
    fault: 'refused',
    remedy: 'check VAULT_ADDR and what was wrapped',
  })
}

function failure({ verb, keyName }: Attempt, cameBack: string, { fault, remedy }: Explanation) {
  return new KeyWrapperError(
    fault,
    `Vault transit could not ${verb} the data key with ${keyName}: ${cameBack}; ${remedy}`,
  )
}

const unreachable: Explanation = { fault: 'unreachable', remedy: 'check the network and VAULT_ADDR' }

/** By the texts of Vault's `keysutil` package, because the status alone is 400, or 500 in some releases. */
function explainReasons(
  { keyName, keyVersion }: Attempt,
  { reasons }: VaultAnswerError,
): Explanation | undefined {
  const version = `key version ${keyVersion ?? 'of the wrapped key'}`
  if (/(encryption key|policy) not found/.test(reasons)) {
    return { fault: 'not_found', remedy: 'check the key name and the mount, or make the key' }
  }
  if (/disallowed by policy \(too old\)|no such key version/.test(reasons)) {
    const retired = `${version} is below min_decryption_version of ${keyName} or was trimmed`
    const remedy = `${retired}: lower min_decryption_version, or restore a backup of the key`
    return { fault: 'refused', remedy }
  }
  if (/version is too new|larger than the latest/.test(reasons)) {
    return {
      fault: 'refused',
      remedy: `${keyName} has no ${version} yet: is this the right Vault, or an old copy?`,
    }
  }
  if (/message authentication failed|invalid ciphertext|could not decrypt/.test(reasons)) {
    const remedy =
      'it is another key, or another ring, than the data key was wrapped for, or the wrapped key is damaged'
    return { fault: 'refused', remedy }
  }
  if (/associated_data|key derivation|not supported for key type|unsupported key type/.test(reasons)) {
    return {
      fault: 'refused',
      remedy: 'use a key of type aes256-gcm96 that is not derived, and Vault 1.13 or later',
    }
  }
  if (/soft.?deleted/.test(reasons)) return { fault: 'refused', remedy: 'restore the key' }
  if (/missing client token/.test(reasons)) return explainStatus(403)
  if (/Vault is sealed/i.test(reasons)) return { fault: 'unreachable', remedy: 'unseal Vault' }
  return undefined
}

function explainStatus(status: number): Explanation {
  if (status === 401 || status === 403) {
    const remedy =
      'check that the token is alive and may update the encrypt and decrypt paths, and that the key exists'
    return { fault: 'denied', remedy }
  }
  if (status === 404 || status === 405) {
    return {
      fault: 'not_found',
      remedy: 'check VAULT_ADDR, VAULT_NAMESPACE and that transit is mounted there',
    }
  }
  // Without a request header that asks for a state, 412 says that a standby has not caught up.
  if (status === 412) return unreachable
  if (status === 429) return { fault: 'throttled', remedy: 'wait, or raise the rate limit quota of Vault' }
  if (status >= 300 && status < 400) {
    return {
      fault: 'unreachable',
      remedy: 'give the address of the active node as VAULT_ADDR: redirects are not followed',
    }
  }
  if (status >= 400 && status < 500) return { fault: 'refused', remedy: 'check the key and what was wrapped' }
  return unreachable
}

/** `fetch` says `TypeError: fetch failed`, and its cause says why. */
function codeOf(error: unknown): string {
  const { cause, name } = error as Error
  const { code } = (cause ?? error) as NodeJS.ErrnoException
  return code ?? name
}
