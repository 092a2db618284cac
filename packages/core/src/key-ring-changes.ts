import { randomBytes } from 'node:crypto'
import { createKey, type Key } from './key.ts'
import { KeyRingError } from './key-ring-error.ts'
import { type KeyRingRecord, resolveKeys, settleStates } from './key-ring-record.ts'

/*
 * The changes of a key ring: pure functions from one record to the next, whose epoch is one higher. Each first
 * writes down what the time has made of the states.
 */

export interface Rotation {
  nowMs: number
  /** When the new key begins to sign: every process must have loaded it by then. */
  signsFromMs: number
  random?: (size: number) => Uint8Array
}

/**
 * Adds a key that verifies from now and signs from `signsFromMs` on. Nothing further has to be done: at that
 * time every process signs with it, and the older key only verifies.
 *
 * @throws {KeyRingError} when a key is staged already
 */
export function rotateKeys(record: KeyRingRecord, rotation: Rotation): KeyRingRecord {
  const { nowMs, signsFromMs, random = randomBytes } = rotation
  const settled = settleStates(record, nowMs)
  const staged = settled.keys.find((key) => key.state === 'staged')
  if (staged !== undefined) {
    throw new KeyRingError(
      `is being rotated already: key ${staged.kid} signs from ${timeOf(staged.signsFromMs)}`,
    )
  }
  const begun = settled.keys.map((key) => (key.state === 'active' ? beginBy(key, nowMs) : key))
  // Of two that begin in the same millisecond the older one would sign on.
  const active = begun.filter((key) => key.state === 'active')
  const soonestMs = Math.max(...active.map((key) => key.signsFromMs + 1))
  const key: Key = {
    ...createKey(nowMs, random),
    state: 'staged',
    signsFromMs: Math.max(signsFromMs, soonestMs),
  }
  return change(settled, [...begun, key])
}

/**
 * Lets a key verify until `verifiesUntilMs` and no longer; its secret goes once that time has come.
 *
 * @throws {KeyRingError} when there is no such key, or it signs or is going to
 */
export function retireKey(
  record: KeyRingRecord,
  kid: string,
  { nowMs, verifiesUntilMs }: { nowMs: number; verifiesUntilMs: number },
): KeyRingRecord {
  const settled = settleStates(record, nowMs)
  const key = findKey(settled, kid)
  if (key.state === 'revoked') throw new KeyRingError(`has revoked key ${kid} already`)
  if (key.state !== 'retired') throw new KeyRingError(whyNotRetired(settled, key))
  const retired = endKey(key, verifiesUntilMs)
  return settleStates(change(settled, replace(settled, retired)), nowMs)
}

/** What the operator did already decides what is left to do. */
function whyNotRetired({ keys }: KeyRingRecord, { kid, state, signsFromMs }: Key): string {
  if (state === 'staged') {
    return `needs key ${kid}: it is to sign from ${timeOf(signsFromMs)}, and only \`revoke\` takes it back`
  }
  const successor = keys.find((key) => key.state === 'staged')
  return successor === undefined
    ? `needs key ${kid}, which is ${state}: rotate first, and retire it once another signs`
    : `needs key ${kid}: it signs until ${timeOf(successor.signsFromMs)}, when ${successor.kid} takes over: retire it after that`
}

function timeOf(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/**
 * Ends a key at once and destroys its secret. When it was the one that signs, the staged key takes over now,
 * or a new one is made.
 *
 * @throws {KeyRingError} when there is no such key
 */
export function revokeKey(
  record: KeyRingRecord,
  kid: string,
  { nowMs, random = randomBytes }: { nowMs: number; random?: (size: number) => Uint8Array },
): KeyRingRecord {
  const settled = settleStates(record, nowMs)
  const key = findKey(settled, kid)
  if (key.state === 'revoked') return record
  const revoked: Key = { ...endKey(key, nowMs), secret: null, state: 'revoked' }
  const without = change(settled, replace(settled, revoked))
  if (resolveKeys(without, nowMs).signer !== undefined) return without
  const staged = without.keys.find((other) => other.state === 'staged')
  if (staged === undefined) return { ...without, keys: [...without.keys, createKey(nowMs, random)] }
  return { ...without, keys: replace(without, { ...staged, state: 'active', signsFromMs: nowMs }) }
}

/**
 * Adds a key that was made elsewhere, to verify and never to sign: one that was lost and is back, or one of an
 * older installation.
 *
 * @throws {KeyRingError} when the ring has it already or has revoked it, or its secret is gone
 */
export function addOlderKey(record: KeyRingRecord, key: Key, { nowMs }: { nowMs: number }): KeyRingRecord {
  const settled = settleStates(record, nowMs)
  const known = settled.keys.find(({ kid }) => kid === key.kid)
  if (known?.state === 'revoked') throw new KeyRingError(`has revoked key ${key.kid}: it stays out`)
  if (known !== undefined && known.secret !== null) throw new KeyRingError(`has key ${key.kid} already`)
  if (key.secret === null) throw new KeyRingError(`cannot take key ${key.kid} without its secret`)
  const signsUntilMs = key.signsUntilMs ?? nowMs
  const older: Key = { ...beginBy(key, signsUntilMs), state: 'retired', signsUntilMs, verifiesUntilMs: null }
  const others = settled.keys.filter(({ kid }) => kid !== key.kid)
  return change(settled, [older, ...others])
}

/** A clock that was set back may have left a key that signs already and is to begin later, and do so once more. */
function beginBy(key: Key, timeMs: number): Key {
  return { ...key, signsFromMs: Math.min(key.signsFromMs, timeMs) }
}

function endKey(key: Key, endMs: number): Key {
  return {
    ...beginBy(key, endMs),
    signsUntilMs: Math.min(key.signsUntilMs ?? endMs, endMs),
    verifiesUntilMs: endMs,
  }
}

function change(record: KeyRingRecord, keys: readonly Key[]): KeyRingRecord {
  return { ...record, epoch: record.epoch + 1, keys }
}

function replace({ keys }: KeyRingRecord, key: Key): Key[] {
  return keys.map((other) => (other.kid === key.kid ? key : other))
}

function findKey({ keys }: KeyRingRecord, kid: string): Key {
  const found = keys.find((key) => key.kid === kid)
  if (found === undefined) {
    throw new KeyRingError(`has no key ${kid}; it has ${keys.map((key) => key.kid).join(', ')}`)
  }
  return found
}
