import type { Reason } from '@holdfast/core'

/** How it stands now: in one word, with its reason, and in a sentence that can be read to the person. */
export interface Standing {
  state: 'waiting' | 'signed_in' | 'over'
  reason: Reason | null
  /** When it came to be over. */
  sinceMs: number | null
  sentence: string
}

export interface StandingOptions {
  nowMs: number
  /** How long the servers let a sign-in idle. */
  idleMs: number
}
