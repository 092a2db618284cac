import type { Fault } from './fault.ts'

const hourMs = 3_600_000

/** The clock of every server is set wrong while it runs, and right again. */
export const clockPlusHour = offBy(hourMs)
export const clockMinusHour = offBy(-hourMs)
export const clockPlusYear = offBy(365 * 24 * hourMs)

function offBy(offsetMs: number): Fault {
  return async (site) => {
    site.setClock(offsetMs)
    return async () => site.setClock(0)
  }
}
