/** When a wait for what never comes is given up: it is for hanging, and not for slowness. */
export const hangingMs = 120_000

export const whenItHangs = () => AbortSignal.timeout(hangingMs)
