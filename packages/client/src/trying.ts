import type { Problem } from './problem.ts'

/** A call of the client, by its name. */
export type CallName =
  | 'send'
  | 'resend'
  | 'verify'
  | 'cancel'
  | 'session'
  | 'logout'
  | 'sessions'
  | 'endSession'
  | 'check'

/** An attempt that got no answer, and the wait before the next one. */
export interface Retry {
  call: CallName
  problem: Problem
  /** How many attempts have been made. */
  attempts: number
  waitInMs: number
}

/** How long to try: given to `createClient` for every call, or to one call for that one. */
export interface TryingOptions {
  /** How long one attempt may take, to the end of its answer. Default: 10,000 ms. */
  timeoutInMs?: number
  /** How long a call may take in all, repetitions and waits included. Default: 30,000 ms. */
  totalTimeoutInMs?: number
  /** How often a call that got no answer is repeated. Default: 4; 0 for never. */
  retries?: number
  /** Told before each wait. */
  onRetry?: (retry: Retry) => void
}

export interface CallOptions extends TryingOptions {
  /** Ends the call: it comes back as `unreachable`, with the cause `cancelled`. */
  signal?: AbortSignal
}

/** Resolves after so many milliseconds, or earlier where another attempt is worth while; at the latest when `signal` aborts. */
export type Wait = (waitInMs: number, signal: AbortSignal | undefined) => Promise<void>
