import type { KeyRing } from '@holdfast/core'

/** The key ring, for those that sign, seal and verify with it. It may be another one a moment later. */
export interface KeyRingAccess {
  keyRing: () => KeyRing
  /** The same, looked up anew when it does not know `kid`: another process may sign with it already. */
  keyRingKnowing: (kid: string) => Promise<KeyRing>
}
