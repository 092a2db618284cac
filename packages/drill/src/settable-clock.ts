import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** In the folder in which servers and commands run. */
const clockName = 'clock'
const shiftedClock = pathToFileURL(join(import.meta.dirname, 'shifted-clock.mjs')).href

/** Settings under which the clock of a program follows `setClock`; `nodeOptions` are those that it has besides. */
export function settableClock(nodeOptions = ''): Record<string, string> {
  return {
    NODE_OPTIONS: [`--import=${shiftedClock}`, nodeOptions].join(' '),
    HOLDFAST_DRILL_CLOCK: clockName,
  }
}

/** Sets the clock of every program that runs in the folder that far off. They see it with their next look at it. */
export function setClock(folder: string, offsetMs: number): void {
  // At once: while other files are written it may wait for long, and who notes when it was set would not be true.
  writeFileSync(join(folder, clockName), String(offsetMs))
}
