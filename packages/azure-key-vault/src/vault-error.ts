import { KeyWrapperError, type KeyWrapperFault } from '@holdfast/core'

/** What the vault itself answered last, if it did: a status, and a body that may be anything. */
export interface VaultAnswer {
  status: number
  parsedBody?: unknown
}

interface Finding {
  fault: KeyWrapperFault
  found: string
}

interface VendorError extends Error {
  code?: unknown
  statusCode?: unknown
}

const remedies: Record<KeyWrapperFault, string> = {
  misconfigured: 'Set up one way for DefaultAzureCredential to sign in, and a key name of a Key Vault.',
  denied: 'Give this identity the role "Key Vault Crypto Service Encryption User" and access to the network.',
  not_found: 'Check the vault, the name and the version of the key, or recover the deleted key.',
  refused: 'Check that the key is an enabled RSA key and the version the data key was wrapped with.',
  throttled: 'Try again later.',
  unreachable: 'Check the network, the name of the vault and the trusted certificates, then try again.',
}

/** A 403 that says more about the key than about who asks. */
const refusalCodes = new Set(['KeyDisabled', 'KeyExpired', 'KeyNotYetValid'])

const credentialErrors = new Set([
  'AggregateAuthenticationError',
  'AuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
])

/**
 * Says why the vault gave no key. Of a vendor's error only names, codes and numbers are passed on, and it is
 * no `cause`: it holds the request with its token, and its message may hold a whole answer with the key.
 */
export function vaultError(tried: string, error: unknown, answer: VaultAnswer | undefined): KeyWrapperError {
  const { fault, found } = findingOf(error, answer)
  return new KeyWrapperError(fault, `${tried}: ${found}. ${remedies[fault]}`)
}

function findingOf(error: unknown, answer: VaultAnswer | undefined): Finding {
  const { name, message, code, statusCode }: VendorError = error instanceof Error ? error : new Error()
  if (name === 'AbortError')
    return { fault: 'unreachable', found: 'the call was ended before an answer came' }
  if (credentialErrors.has(name)) return credentialFinding(name, message)
  if (name === 'RestError' && statusCode === undefined) {
    return { fault: 'unreachable', found: `no answer came (${word(code) ?? name})` }
  }
  if (answer === undefined) {
    return { fault: 'misconfigured', found: `the call could not be made (${word(name) ?? 'Error'})` }
  }
  if (answer.status >= 400) return answerFinding(answer)
  return { fault: 'unreachable', found: `the answer with status ${answer.status} is not one of Key Vault` }
}

function answerFinding({ status, parsedBody }: VaultAnswer): Finding {
  const { code, innererror } = errorOf(parsedBody)
  const codes = [word(code), word(errorOf({ error: innererror }).code)].filter((text) => text !== undefined)
  const found = ['it answered', status, ...codes].join(' ')
  return { fault: codes.some((text) => refusalCodes.has(text)) ? 'refused' : statusFault(status), found }
}

function statusFault(status: number): KeyWrapperFault {
  if (status === 401 || status === 403) return 'denied'
  if (status === 404) return 'not_found'
  if (status === 429) return 'throttled'
  return status === 408 || status >= 500 ? 'unreachable' : 'refused'
}

/** The SDK tells a refusal of Entra ID, `AADSTS` and a number, from an outage in the text of its message. */
function credentialFinding(name: string, message: string): Finding {
  const code = /AADSTS\d{1,9}/.exec(message)?.[0]
  if (code !== undefined) return { fault: 'denied', found: `Microsoft Entra ID gave no token (${code})` }
  if (/Network unreachable|network_error|endpoints_resolution_error/.test(message)) {
    return { fault: 'unreachable', found: 'the source of tokens could not be reached' }
  }
  return { fault: 'misconfigured', found: `no credential gave a token (${name})` }
}

function errorOf(body: unknown): { code?: unknown; innererror?: unknown } {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  return typeof error === 'object' && error !== null ? error : {}
}

/** A code as the vendor writes codes; anything longer or stranger could be text of another origin. */
function word(code: unknown): string | undefined {
  return typeof code === 'string' && /^[A-Za-z][\w]{1,39}$/.test(code) ? code : undefined
}
