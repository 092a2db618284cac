import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { KeyRingError } from './key-ring-error.ts'
import { type KeyRingRecord, resolveKeys } from './key-ring-record.ts'

/** What a sub-key is for. One purpose, one key: a code MAC never verifies as a session token. (ASVS 11.1.2) */
export type KeyPurpose = 'session-token' | 'session-blob' | 'code' | 'outbox' | 'derived-id' | 'page-notice'

/** The key ring in use: the kid that signs, and one HKDF sub-key for each kid and purpose. */
export class KeyRing {
  readonly ringId: string
  readonly epoch: number
  readonly signingKid: string
  readonly #verifiers = new Map<string, Uint8Array>()
  readonly #newer = new Set<string>()
  readonly #revoked = new Set<string>()
  readonly #subKeys = new Map<string, KeyObject>()

  /** @throws {KeyRingError} when the record has no key that may sign */
  constructor(record: KeyRingRecord, nowMs: number) {
    const { signer, verifiers } = resolveKeys(record, nowMs)
    if (signer === undefined) throw new KeyRingError('has no active key')
    this.ringId = record.ringId
    this.epoch = record.epoch
    this.signingKid = signer.kid
    for (const { kid, secret } of verifiers) if (secret !== null) this.#verifiers.set(kid, secret)
    for (const key of verifiers) {
      const maySign = key.state === 'staged' || key.state === 'active'
      if (maySign && key.signsFromMs > signer.signsFromMs) this.#newer.add(key.kid)
    }
    for (const key of record.keys) if (key.state === 'revoked') this.#revoked.add(key.kid)
  }

  /** The kids that verify, the signing one included. */
  get kids(): string[] {
    return [...this.#verifiers.keys()]
  }

  has(kid: string): boolean {
    return this.#verifiers.has(kid)
  }

  /** The key takes over from the one that signs here: another process may sign with it already. */
  isNewer(kid: string): boolean {
    return this.#newer.has(kid)
  }

  /** Why `kid` does not verify, for a kid that `has` refuses. */
  whyMissing(kid: string): 'key_revoked' | 'key_unknown' {
    return this.#revoked.has(kid) ? 'key_revoked' : 'key_unknown'
  }

  /**
   * The sub-key of one key for one purpose, by HKDF-SHA256 (RFC 5869). Made once and kept as a KeyObject:
   * importing raw bytes for each HMAC costs several times the HMAC itself.
   *
   * @throws {RangeError} when the ring has no such key; ask `has` first
   */
  subKey(kid: string, purpose: KeyPurpose): KeyObject {
    const name = `${purpose}/${kid}`
    const known = this.#subKeys.get(name)
    if (known !== undefined) return known
    const secret = this.#verifiers.get(kid)
    if (secret === undefined) throw new RangeError(`no key ${kid} in the key ring`)
    const bytes = hkdfSync('sha256', secret, '', `holdfast/v1/${name}`, 32)
    const subKey = createSecretKey(Buffer.from(bytes))
    this.#subKeys.set(name, subKey)
    return subKey
  }
}
