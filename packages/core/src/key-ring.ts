import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { base32 } from './base32.ts'
import { createKey, type Key } from './key.ts'
import { KeyRingError } from './key-ring-error.ts'

/** The key ring as it is kept: every key with its state and times. `epoch` rises with each change. */
export interface KeyRingRecord {
  ringId: string
  epoch: number
  keys: readonly Key[]
}

/** What a sub-key is for. One purpose, one key: a code MAC never verifies as a session token. (ASVS 11.1.2) */
export type KeyPurpose = 'session-token' | 'session-blob' | 'code' | 'outbox' | 'derived-id' | 'address'

/**
 * A ring of one new key. It signs at any time: no other key could, and a clock that is set back after the
 * first start must not leave a ring that nobody may sign with.
 */
export function createKeyRingRecord(
  nowMs: number,
  random: (size: number) => Uint8Array = randomBytes,
): KeyRingRecord {
  return { ringId: base32(random(5)), epoch: 1, keys: [{ ...createKey(nowMs, random), signsFromMs: 0 }] }
}

/**
 * Chooses the key that signs and those that verify at `nowMs`. The signer is the newest active key whose
 * time to sign has come: never a revoked one and, other than Flask's CVE-2025-47278, never the oldest by
 * its place in a list. Among keys of the same age the first wins.
 */
export function resolveKeys(
  record: KeyRingRecord,
  nowMs: number,
): { signer: Key | undefined; verifiers: Key[] } {
  const verifiers = record.keys.filter(
    (key) => key.state !== 'revoked' && (key.verifiesUntilMs === null || key.verifiesUntilMs > nowMs),
  )
  let signer: Key | undefined
  for (const key of verifiers) {
    const maySign =
      key.state === 'active' &&
      key.signsFromMs <= nowMs &&
      (key.signsUntilMs === null || key.signsUntilMs > nowMs)
    if (maySign && (signer === undefined || key.signsFromMs > signer.signsFromMs)) signer = key
  }
  return { signer, verifiers }
}

/** The key ring in use: the kid that signs, and one HKDF sub-key for each kid and purpose. */
export class KeyRing {
  readonly ringId: string
  readonly epoch: number
  readonly signingKid: string
  readonly #verifiers = new Map<string, Key>()
  readonly #revoked = new Set<string>()
  readonly #subKeys = new Map<string, KeyObject>()

  /** @throws {KeyRingError} when no key of the record may sign at `nowMs` */
  constructor(record: KeyRingRecord, nowMs: number) {
    const { signer, verifiers } = resolveKeys(record, nowMs)
    if (signer === undefined) throw new KeyRingError('has no active key that may sign now')
    this.ringId = record.ringId
    this.epoch = record.epoch
    this.signingKid = signer.kid
    for (const key of verifiers) this.#verifiers.set(key.kid, key)
    for (const key of record.keys) if (key.state === 'revoked') this.#revoked.add(key.kid)
  }

  /** The kids that verify, the signing one included. */
  get kids(): string[] {
    return [...this.#verifiers.keys()]
  }

  has(kid: string): boolean {
    return this.#verifiers.has(kid)
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
    const key = this.#verifiers.get(kid)
    if (key === undefined) throw new RangeError(`no key ${kid} in the key ring`)
    const bytes = hkdfSync('sha256', key.secret, '', `holdfast/v1/${name}`, 32)
    const subKey = createSecretKey(Buffer.from(bytes))
    this.#subKeys.set(name, subKey)
    return subKey
  }
}
