import { type KeyFileSource, keyFileSource } from '../src/key-file.ts'
import { revokeKey, rotateKeys } from '../src/key-ring-changes.ts'
import { createKeyRingRecord, type KeyRingRecord } from '../src/key-ring-record.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'

/** What a process does to a key file while it is killed. Nothing is left to chance, so the outcome is known. */
export interface KeyAction {
  /** The ring that is there before. */
  before: KeyRingRecord | undefined
  after: KeyRingRecord
  run(source: KeyFileSource): Promise<unknown>
}

export type KeyActionName = 'create' | 'rotate' | 'revoke'

const nowMs = 2_000
const random = (size: number) => secretOf('made').subarray(0, size)
const before = recordOf(keyOf('first', { createdAtMs: 1_000, signsFromMs: 1_000 }))
const rotate = (ring: KeyRingRecord) => rotateKeys(ring, { nowMs, signsFromMs: 3_000, random })
const revoke = (ring: KeyRingRecord) => revokeKey(ring, keyOf('first').kid, { nowMs, random })

export const keyActions: Record<KeyActionName, KeyAction> = {
  create: {
    before: undefined,
    after: createKeyRingRecord(nowMs, random),
    run: (source) => source.load({ create: true, nowMs }),
  },
  rotate: { before, after: rotate(before), run: (source) => source.change(rotate) },
  revoke: { before, after: revoke(before), run: (source) => source.change(revoke) },
}

export function sourceOf(path: string): KeyFileSource {
  return keyFileSource({ path, random })
}
