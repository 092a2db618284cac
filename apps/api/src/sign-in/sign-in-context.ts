import type { Store } from '@holdfast/store'
import type { KeyRingAccess } from '../keys/key-ring-access.ts'
import type { TellEvent } from './authentication-event.ts'
import type { SignInWatch } from './sign-in-watch.ts'

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
  wrongPerAddressPerDay: number
}

/** What the actions of a sign-in work with. */
export interface SignInContext extends KeyRingAccess {
  store: Store
  clock: () => number
  policy: Policy
  /** Tells the outbox that a code is waiting to be mailed. */
  wakeOutbox: () => void
  watch: SignInWatch
  tell: TellEvent
}
