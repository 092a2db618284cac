import type { KeyRing } from '@holdfast/core'
import type { Store } from '../store/store.ts'

/** The rules that the configuration sets for codes and sign-ins. Times in milliseconds. */
export interface Policy {
  codeLength: number
  codeLifetimeMs: number
  maxAttempts: number
  resendAfterMs: number
  maxSends: number
  idleMs: number
  absoluteMs: number
  sendLimits: { perIpPerHour: number; perAddressPerHour: number; perAddressPerDay: number; perHour: number }
}

/** What the steps of a sign-in work with. */
export interface SignInContext {
  store: Store
  /** The ring in use now: it may be another one after a reload. */
  keyRing: () => KeyRing
  clock: () => number
  policy: Policy
  /** Tells the outbox that a code is waiting to be mailed. */
  wakeOutbox: () => void
}
