import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Show where the server's time goes, instead of comparing. */
  isProfile: boolean
  rounds: number
  roundSeconds: number
  /** Load before the first round: V8 is still compiling the code that a sign-in runs for the first seconds. */
  warmUpSeconds: number
  starts: number
}

/** @throws {TypeError} when an option is not known */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, profile: { type: 'boolean', default: false } },
  })
  return values.quick
    ? { isProfile: values.profile, rounds: 3, roundSeconds: 1, warmUpSeconds: 2, starts: 3 }
    : { isProfile: values.profile, rounds: 5, roundSeconds: 3, warmUpSeconds: 6, starts: 9 }
}
