import { hash } from 'node:crypto'
import { activeKey, type Key } from '../src/key.ts'
import { KeyRing } from '../src/key-ring.ts'
import type { KeyRingRecord } from '../src/key-ring-record.ts'

/** 32 bytes that look random and are the same in every run. */
export function secretOf(name: string): Buffer {
  return hash('sha256', name, 'buffer')
}

export function keyOf(name: string, changes: Partial<Key> = {}): Key {
  return { ...activeKey(secretOf(name)), ...changes }
}

export function recordOf(...keys: Key[]): KeyRingRecord {
  return { ringId: 'ringtest', epoch: 3, keys }
}

/** A ring at time 1,000,000 ms. */
export function ringOf(...keys: Key[]): KeyRing {
  return new KeyRing(recordOf(...keys), 1_000_000)
}
