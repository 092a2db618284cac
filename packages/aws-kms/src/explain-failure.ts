import { KeyWrapperError, type KeyWrapperFault } from '@holdfast/core'

export interface Attempt {
  verb: 'wrap' | 'unwrap'
  keyName: string
  signal: AbortSignal
}

const faultsByErrorName = new Map<string, KeyWrapperFault>(
  Object.entries({
    misconfigured: ['CredentialsProviderError', 'TokenProviderError'],
    denied: [
      'AccessDenied',
      'AccessDeniedException',
      'ExpiredToken',
      'ExpiredTokenException',
      'IncompleteSignature',
      'IncompleteSignatureException',
      'InvalidClientTokenId',
      'InvalidIdentityToken',
      'InvalidSignatureException',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
      'NotAuthorized',
      'OptInRequired',
      'RequestExpired',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
    ],
    not_found: ['NotFoundException', 'InvalidArnException'],
    refused: [
      'DisabledException',
      'IncorrectKeyException',
      'InvalidCiphertextException',
      'InvalidKeyUsageException',
      'KMSInvalidStateException',
      'UnsupportedOperationException',
    ],
    throttled: [
      'LimitExceededException',
      'RequestLimitExceeded',
      'Throttling',
      'ThrottlingException',
      'TooManyRequestsException',
    ],
    unreachable: ['DependencyTimeoutException', 'KeyUnavailableException', 'KMSInternalException'],
  } satisfies Record<KeyWrapperFault, string[]>).flatMap(([fault, names]) =>
    names.map((name) => [name, fault as KeyWrapperFault] as const),
  ),
)

const remedies: Record<KeyWrapperFault, string> = {
  misconfigured:
    'give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile or role that the SDK can find by itself',
  denied: 'check the credentials and the clock, and allow kms:Encrypt and kms:Decrypt on this key to them',
  not_found: 'check the key name, the account, and that AWS_REGION is the region of the key',
  refused: 'check that it is an enabled, symmetric key for encryption and decryption',
  throttled: 'wait, or ask AWS for a higher KMS request quota',
  unreachable: 'check the network, AWS_REGION and AWS_ENDPOINT_URL_KMS',
}

const wrongKey =
  'it is another key, or another ring, than the data key was wrapped for, or the wrapped key is damaged'

const remediesByErrorName = new Map([
  ['DisabledException', 'enable the key'],
  ['IncorrectKeyException', wrongKey],
  ['InvalidCiphertextException', wrongKey],
  ['KMSInvalidStateException', 'cancel the deletion of the key, or import its key material again'],
])

/**
 * Says what went wrong in a message of one line. What the SDK threw is not its cause: it may hold the answer
 * with the data key, and the text of a bad signature holds the session token.
 */
export function explainFailure({ verb, keyName, signal }: Attempt, error: unknown): KeyWrapperError {
  if (error instanceof KeyWrapperError) return error
  const tried = `AWS KMS could not ${verb} the data key with ${keyName}`
  if (signal.aborted) {
    return new KeyWrapperError('unreachable', `${tried}: no answer in time; ${remedies.unreachable}`)
  }
  const { name, code, message, status } = readError(error)
  const fault = faultsByErrorName.get(name) ?? faultOfStatus(status)
  const cameBack = name === 'SyntaxError' ? 'an answer that is not of KMS' : (code ?? name)
  const shown = [cameBack, status && `status ${status}`, denialIn(message)].filter(Boolean).join(', ')
  return new KeyWrapperError(fault, `${tried}: ${shown}; ${remediesByErrorName.get(name) ?? remedies[fault]}`)
}

export function explainWrongAnswer({ verb, keyName }: Attempt, answer: string): KeyWrapperError {
  const tried = `AWS KMS could not ${verb} the data key with ${keyName}`
  const remedy = 'check AWS_ENDPOINT_URL_KMS and what was wrapped'
  return new KeyWrapperError('refused', `${tried}: it answered ${answer}; ${remedy}`)
}

function readError(error: unknown) {
  const { name, code, message, $metadata } = error as Error & {
    code?: string
    $metadata?: { httpStatusCode?: number }
  }
  return { name, code, message, status: $metadata?.httpStatusCode }
}

function faultOfStatus(status: number | undefined): KeyWrapperFault {
  if (status === 401 || status === 403) return 'denied'
  if (status === 404) return 'not_found'
  if (status === 429) return 'throttled'
  return status !== undefined && status >= 400 && status < 500 ? 'refused' : 'unreachable'
}

/** Who may not do what to which key, and by which policy: the one text of KMS that says more than its name. */
function denialIn(message: string): string | undefined {
  return /^User: \S+ is not authorized to perform: [\w :/.,-]{1,300}/.exec(message)?.[0]
}
