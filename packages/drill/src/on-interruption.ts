const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const exitCodeOfInterruption = 130

/**
 * Has a drill that is interrupted clean up before it ends: whatever fails meanwhile, as what it runs on is taken away,
 * is of no interest. The function that comes back lets signals do again what they do by themselves.
 */
export function onInterruption(cleanUp: () => Promise<unknown>): () => void {
  let isEnding = false
  const end = () => {
    if (isEnding) return
    isEnding = true
    process.on('uncaughtException', () => {})
    cleanUp().finally(() => process.exit(exitCodeOfInterruption))
  }
  for (const signal of signals) process.on(signal, end)
  return () => {
    for (const signal of signals) process.off(signal, end)
  }
}
