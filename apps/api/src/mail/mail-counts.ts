import { DurationBuckets } from '../metrics/duration-buckets.ts'
import type { HandOver } from './mail-transport.ts'

type Result = HandOver['delivery']

const results: Result[] = ['sent', 'delayed', 'failed', 'unknown']

/** What this process has done with mails. */
export class MailCounts {
  readonly attempts = new Map<Result, number>(results.map((result) => [result, 0]))
  /** Codes that expired before their mail was handed over. */
  expired = 0
  /** From the request for a code to the reply that takes its mail over. */
  readonly handOverSeconds = new DurationBuckets([
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600,
  ])

  tried(result: Result, sinceAskedMs: number): void {
    this.attempts.set(result, (this.attempts.get(result) ?? 0) + 1)
    // A clock that was set back meanwhile knows of no time that has passed.
    if (result === 'sent') this.handOverSeconds.observe(Math.max(0, sinceAskedMs) / 1000)
  }
}
