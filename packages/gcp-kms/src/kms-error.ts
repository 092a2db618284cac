import { KeyWrapperError, type KeyWrapperFault } from '@holdfast/core'

/** Google's codes (google.rpc.Code) in their order, and what each means for a key. */
const codes: readonly (readonly [name: string, fault: KeyWrapperFault])[] = [
  ['OK', 'unreachable'],
  ['CANCELLED', 'unreachable'],
  ['UNKNOWN', 'unreachable'],
  ['INVALID_ARGUMENT', 'refused'],
  ['DEADLINE_EXCEEDED', 'unreachable'],
  ['NOT_FOUND', 'not_found'],
  ['ALREADY_EXISTS', 'refused'],
  ['PERMISSION_DENIED', 'denied'],
  ['RESOURCE_EXHAUSTED', 'throttled'],
  ['FAILED_PRECONDITION', 'refused'],
  ['ABORTED', 'unreachable'],
  ['OUT_OF_RANGE', 'refused'],
  ['UNIMPLEMENTED', 'refused'],
  ['INTERNAL', 'unreachable'],
  ['UNAVAILABLE', 'unreachable'],
  ['DATA_LOSS', 'unreachable'],
  ['UNAUTHENTICATED', 'denied'],
]

const remedies: Record<KeyWrapperFault, string> = {
  misconfigured:
    'Set up Application Default Credentials: GOOGLE_APPLICATION_CREDENTIALS or a service account.',
  denied: 'Grant this account roles/cloudkms.cryptoKeyEncrypterDecrypter on the key, and see that it exists.',
  not_found: 'Check the project, the location, the key ring and the name of the key.',
  refused:
    'Check that the key is for symmetric encryption, is the one that wrapped, and its version is enabled.',
  throttled: 'Try again later, or raise the quota.',
  unreachable: 'Check the network, GCP_KMS_ENDPOINT and the trusted certificates, then try again.',
}

/** What the errors of Google's packages may carry. The packages do not export their types. */
interface VendorError extends Error {
  /** google-gax: a google.rpc.Code. gaxios and Node: a word like ECONNREFUSED. */
  code?: unknown
  /** gaxios: the status of an HTTP answer. */
  status?: unknown
  /** gaxios: the request, as made. */
  config?: unknown
  /** google-gax: the status of an HTTP answer. */
  httpStatusCode?: unknown
  /** google-gax: the reason in a google.rpc.ErrorInfo. */
  reason?: unknown
}

/**
 * An error for people. Of a vendor's error only codes, numbers and names are passed on, and it is no `cause`:
 * it holds the request with its token and the data key, and its message may hold a whole answer.
 */
export function kmsError(fault: KeyWrapperFault, tried: string, found: string): KeyWrapperError {
  return new KeyWrapperError(fault, `${tried}: ${found}. ${remedies[fault]}`)
}

/** Why there is no token: nothing to sign in with, or a token service that refuses or is away. */
export function credentialError(tried: string, thrown: unknown): KeyWrapperError {
  const error: VendorError = thrown instanceof Error ? thrown : new Error()
  if (error.name === 'AbortError') return ended(tried)
  if (typeof error.status === 'number') {
    return kmsError(tokenFault(error.status), tried, `the token service answered ${error.status}`)
  }
  if (error.config !== undefined) {
    const code = systemCode(error) ?? 'UNKNOWN'
    return kmsError('unreachable', tried, `no answer came from the token service (${code})`)
  }
  return kmsError('misconfigured', tried, 'no credentials were found that work')
}

/** Why Cloud KMS itself gave no key. */
export function callError(tried: string, thrown: unknown): KeyWrapperError {
  const error: VendorError = thrown instanceof Error ? thrown : new Error()
  if (error.name === 'AbortError') return ended(tried)
  const [name, fault] = codes[Number(error.code)] ?? ['UNKNOWN', 'unreachable']
  if (typeof error.httpStatusCode !== 'number') {
    return kmsError(fault, tried, `no answer came that KMS gives (${systemCode(error) ?? name})`)
  }
  const found = ['it answered', error.httpStatusCode, name, word(error.reason)]
  return kmsError(fault, tried, found.filter((part) => part !== undefined).join(' '))
}

function ended(tried: string): KeyWrapperError {
  return kmsError('unreachable', tried, 'the call was ended before an answer came')
}

function tokenFault(status: number): KeyWrapperFault {
  if (status === 429) return 'throttled'
  return status >= 500 ? 'unreachable' : 'denied'
}

function systemCode(error: VendorError): string | undefined {
  const cause: VendorError | undefined = error.cause instanceof Error ? error.cause : undefined
  return word(error.code) ?? (cause === undefined ? undefined : systemCode(cause))
}

/** A code as Google and Node write codes; anything longer or stranger could be text of another origin. */
function word(code: unknown): string | undefined {
  return typeof code === 'string' && /^[A-Z][A-Z\d_]{1,62}$/.test(code) ? code : undefined
}
