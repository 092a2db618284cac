export interface RareLookOptions {
  /** No sooner after the last one. */
  everyMs: number
  /** Whoever waits for the look waits no longer than this. */
  waitMs: number
}

/**
 * A look that strangers can ask for and that must not cost more for it: within `everyMs` of the last one the
 * answer is that nothing was looked at.
 */
export function rareLook(
  look: () => Promise<void>,
  { everyMs, waitMs }: RareLookOptions,
): () => Promise<void> {
  let lastAtMs = Number.NEGATIVE_INFINITY
  let underWay: Promise<void> | undefined

  return async function lookRarely() {
    const nowMs = performance.now()
    if (underWay === undefined && nowMs - lastAtMs < everyMs) return
    lastAtMs = underWay === undefined ? nowMs : lastAtMs
    underWay ??= look().finally(() => {
      underWay = undefined
    })
    let timer: NodeJS.Timeout | undefined
    const waited = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs)
    })
    await Promise.race([underWay, waited])
    clearTimeout(timer)
  }
}
