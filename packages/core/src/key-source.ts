import type { KeyRingRecord } from './key-ring-record.ts'

export interface LoadedKeyRing {
  record: KeyRingRecord
  /** The ring was made just now, because there was none. */
  created: boolean
  /** What makes the source unsafe without making it unusable, such as a file that others can read. */
  concerns: readonly string[]
}

/** The one place where the key ring is kept. */
export interface KeySource {
  /** How to name it to an operator. */
  readonly name: string

  /**
   * Reads the ring. With `create`, a source that can keep a new ring makes one where there is none.
   *
   * @throws {KeyRingError} when there is none, or none that can be used
   */
  load(options: { create: boolean; nowMs: number }): Promise<LoadedKeyRing>

  /**
   * Replaces the ring by what `change` makes of it: one change after another, each seen whole or not at all,
   * and durable when it resolves. Resolves with the new ring.
   *
   * @throws {KeyRingError} when Holdfast cannot write there, or `change` refuses
   */
  change(change: (record: KeyRingRecord) => KeyRingRecord): Promise<KeyRingRecord>
}
