import { spanOf } from '@holdfast/story/time-text'

export function agoOf(isoTime: string, nowMs: number): string {
  const passedMs = nowMs - Date.parse(isoTime)
  return passedMs < 1_000 ? 'just now' : `${spanOf(passedMs)} ago`
}

export function untilOf(isoTime: string, nowMs: number): string {
  const leftMs = Date.parse(isoTime) - nowMs
  return leftMs <= 0 ? 'over' : `in ${spanOf(leftMs)}`
}

const clockFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

/** A moment on the clock of whoever looks; with the day where it was not today. */
export function clockOf(isoTime: string, nowMs: number): string {
  const moment = new Date(isoTime)
  const isToday = moment.toDateString() === new Date(nowMs).toDateString()
  return isToday ? clockFormat.format(moment) : `${dayFormat.format(moment)}, ${clockFormat.format(moment)}`
}
