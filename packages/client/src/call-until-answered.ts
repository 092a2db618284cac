import { backOffInMs } from './back-off.ts'
import { type Limits, type Outcome, silence } from './exchange.ts'
import { isOutage } from './problem.ts'
import type { CallName, CallOptions, Wait } from './trying.ts'

interface Trying extends CallOptions {
  wait: Wait
}

/** One attempt, with what limits each of its requests. */
type Attempt<Found> = (limits: () => Limits, isRepetition: boolean) => Promise<Outcome<Found>>

/**
 * Makes attempts until one is answered, by a success or a refusal; ends earlier with what the last one met when
 * the repetitions are used up or the next one would come too late.
 */
export async function callUntilAnswered<Found>(
  call: CallName,
  attempt: Attempt<Found>,
  trying: Trying,
): Promise<Outcome<Found>> {
  const { timeoutInMs = 10_000, totalTimeoutInMs = 30_000, retries = 4, onRetry, signal, wait } = trying
  const endsAtMs = performance.now() + totalTimeoutInMs
  const leftInMs = () => endsAtMs - performance.now()
  const limits = (): Limits => ({ timeoutInMs: Math.max(0, Math.min(timeoutInMs, leftInMs())), signal })
  for (let attempts = 1; ; attempts += 1) {
    const outcome = await attempt(limits, attempts > 1)
    if (outcome.ok || !isOutage(outcome.problem) || attempts > retries) return outcome
    const waitInMs = backOffInMs(attempts, outcome.problem)
    if (waitInMs >= leftInMs()) return outcome
    onRetry?.({ call, problem: outcome.problem, attempts, waitInMs })
    await wait(waitInMs, signal)
    if (signal?.aborted) return silence('cancelled')
  }
}
