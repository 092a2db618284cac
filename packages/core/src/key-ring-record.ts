import { createHash, randomBytes } from 'node:crypto'
import { base32 } from './base32.ts'
import { createKey, type Key } from './key.ts'

/** The key ring as it is kept: every key with its state and times. `epoch` rises with each change. */
export interface KeyRingRecord {
  ringId: string
  epoch: number
  keys: readonly Key[]
}

/** A ring of one new key. */
export function createKeyRingRecord(
  nowMs: number,
  random: (size: number) => Uint8Array = randomBytes,
): KeyRingRecord {
  return { ringId: base32(random(5)), epoch: 1, keys: [createKey(nowMs, random)] }
}

export interface ResolvedKeys {
  /** `undefined` when no key has ever been active, or none is left. */
  signer: Key | undefined
  verifiers: Key[]
  /** No key is due to sign: the one nearest to it does. A clock is wrong, or an end passed unnoticed. */
  isSignerOutOfTime: boolean
}

/**
 * Chooses the key that signs and those that verify at `nowMs`. The signer is the newest staged or active key
 * whose time to sign has come: never a revoked one and, other than Flask's CVE-2025-47278, never the oldest
 * by its place in a list. Among keys of the same age the first wins. An active key that is out of its time
 * signs rather than none: a clock that was set back must not end every sign-in.
 */
export function resolveKeys({ keys }: KeyRingRecord, nowMs: number): ResolvedKeys {
  const verifiers = keys.filter((key) => verifiesAt(key, nowMs))
  const due = verifiers.filter((key) => maySign(key) && isDue(key, nowMs))
  if (due.length > 0) return { signer: newest(due), verifiers, isSignerOutOfTime: false }
  const active = verifiers.filter((key) => key.state === 'active')
  const begun = active.filter((key) => key.signsFromMs <= nowMs)
  return { signer: newest(begun) ?? oldest(active), verifiers, isSignerOutOfTime: active.length > 0 }
}

/**
 * The record with each state as the time has made it, no secret that has nothing more to do, and no entry of a
 * key that ended long ago: a ring that is rotated each day must not grow for ever. Revoked keys stay.
 */
export function settleStates(record: KeyRingRecord, nowMs: number): KeyRingRecord {
  const { signer } = resolveKeys(record, nowMs)
  const keys = record.keys.map((key) => settleKey(key, signer, nowMs))
  return { ...record, keys: keys.filter((key) => !isForgotten(key, nowMs)) }
}

/**
 * A name for the content of a ring, not for its spelling: two files with the same keys in the same states have
 * the same one. Nothing secret goes into it: a kid stands for its secret. Hexadecimal, 64 digits.
 */
export function fingerprintOf({ ringId, epoch, keys }: KeyRingRecord): string {
  const entries = keys.map((key) => [
    key.kid,
    key.secret !== null,
    key.state,
    key.createdAtMs,
    key.signsFromMs,
    key.signsUntilMs,
    key.verifiesUntilMs,
  ])
  return createHash('sha256')
    .update(JSON.stringify([ringId, epoch, entries]))
    .digest('hex')
}

const rememberedMs = 90 * 86_400_000

function isForgotten({ state, secret, verifiesUntilMs }: Key, nowMs: number): boolean {
  const isOver = state === 'retired' && secret === null
  return isOver && verifiesUntilMs !== null && verifiesUntilMs + rememberedMs < nowMs
}

function settleKey(key: Key, signer: Key | undefined, nowMs: number): Key {
  if (key === signer) return { ...key, state: 'active' }
  const isSuperseded = key.state === 'active' && signer !== undefined && key.signsFromMs <= signer.signsFromMs
  const settled: Key = isSuperseded
    ? { ...key, state: 'retired', signsUntilMs: key.signsUntilMs ?? signer.signsFromMs }
    : key
  return verifiesAt(settled, nowMs) || settled.state === 'staged' ? settled : { ...settled, secret: null }
}

function verifiesAt(key: Key, nowMs: number): boolean {
  const isOver = key.verifiesUntilMs !== null && key.verifiesUntilMs <= nowMs
  return key.secret !== null && key.state !== 'revoked' && !isOver
}

function maySign(key: Key): boolean {
  return key.state === 'active' || key.state === 'staged'
}

function isDue(key: Key, nowMs: number): boolean {
  return key.signsFromMs <= nowMs && (key.signsUntilMs === null || key.signsUntilMs > nowMs)
}

function newest(keys: readonly Key[]): Key | undefined {
  return keys.reduce<Key | undefined>(
    (best, key) => (best === undefined || key.signsFromMs > best.signsFromMs ? key : best),
    undefined,
  )
}

function oldest(keys: readonly Key[]): Key | undefined {
  return keys.reduce<Key | undefined>(
    (best, key) => (best === undefined || key.signsFromMs < best.signsFromMs ? key : best),
    undefined,
  )
}
