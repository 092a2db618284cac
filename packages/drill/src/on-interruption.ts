const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const exitCodeOfInterruption = 130

export interface Interruption {
  /** Lets signals do again what they do by themselves. After one has come, this never resolves: the process ends. */
  over(): Promise<void>
}

/**
 * Has a drill that is interrupted clean up before it ends: whatever fails meanwhile, as what it runs on is taken away,
 * is of no interest.
 */
export function onInterruption(cleanUp: () => Promise<unknown>): Interruption {
  let isEnding = false
  const end = () => {
    if (isEnding) return
    isEnding = true
    process.on('uncaughtException', () => {})
    cleanUp().finally(() => process.exit(exitCodeOfInterruption))
  }
  for (const signal of signals) process.on(signal, end)
  return {
    async over() {
      if (isEnding) await new Promise(() => {})
      for (const signal of signals) process.off(signal, end)
    },
  }
}
