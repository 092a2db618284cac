import { readFileSync } from 'node:fs'

/*
 * Loaded before a program with --import: its clock is as far off as the file at HOLDFAST_DRILL_CLOCK says, also
 * when that changes while it runs. Plain JavaScript, so that no compiler of TypeScript is loaded for it.
 */
const path = process.env.HOLDFAST_DRILL_CLOCK
const trueNow = Date.now
const mostAgeMs = 5
let offsetMs = 0
let readAtMs = Number.NEGATIVE_INFINITY

Date.now = function now() {
  const nowMs = performance.now()
  if (nowMs - readAtMs > mostAgeMs) {
    // Half written it reads as nothing, and is as it was.
    const text = readFileSync(path, 'utf8')
    if (text !== '') offsetMs = Number(text)
    readAtMs = nowMs
  }
  return trueNow() + offsetMs
}
