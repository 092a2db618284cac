/** A data key as a key management service wrapped it. */
export interface WrappedDataKey {
  /** The service's own full name of the wrapping key, its version included where the service has versions. */
  keyName: string
  wrapped: Uint8Array
}

export interface KeyWrapperCall {
  /** Bound to the wrapped key where the service can bind: what was wrapped for one ring opens for no other. */
  ringId: string
  /** Ends the call; it then fails as `unreachable`. */
  signal: AbortSignal
}

/**
 * A key management service: it wraps and unwraps a data key of 32 bytes with a key that never leaves it
 * (envelope encryption, NIST SP 800-57 part 1, 6.2.3.3). Neither call tries twice: whoever calls decides that.
 */
export interface KeyWrapper {
  /** @throws {KeyWrapperError} */
  wrap(keyName: string, dataKey: Uint8Array, call: KeyWrapperCall): Promise<WrappedDataKey>

  /** @throws {KeyWrapperError} */
  unwrap(dataKey: WrappedDataKey, call: KeyWrapperCall): Promise<Uint8Array>
}

/**
 * Why a key management service gave no key. The first four need an operator; `throttled` and `unreachable`
 * may pass by themselves.
 */
export type KeyWrapperFault =
  | 'misconfigured'
  | 'denied'
  | 'not_found'
  | 'refused'
  | 'throttled'
  | 'unreachable'

/**
 * The service gave no key. The message names the service, the wrapping key and the remedy, and carries
 * neither key material nor credentials.
 */
export class KeyWrapperError extends Error {
  override readonly name = 'KeyWrapperError'
  readonly fault: KeyWrapperFault

  constructor(fault: KeyWrapperFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }

  get isTemporary(): boolean {
    return this.fault === 'throttled' || this.fault === 'unreachable'
  }
}
