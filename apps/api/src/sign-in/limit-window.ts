import type { Tables } from '@holdfast/store'
import { type Expression, type RawBuilder, sql } from 'kysely'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

type Milliseconds = number | Expression<number>

/**
 * Whether the window of a row of `limits` is under way. One that ends later than two windows from now was
 * begun by a clock that has been set back since, and would never end.
 */
export function isRunning(nowMs: number, windowMs: Milliseconds): RawBuilder<boolean> {
  return sql<boolean>`${endOfWindow} - ${nowMs} BETWEEN 1 AND 2 * ${windowMs}`
}

/**
 * For a row that is in `limits` already: the new count is added while its window is under way, and begins a
 * new one after that. One statement both counts and tells the count.
 */
export function addToRunning(nowMs: number) {
  const running = isRunning(nowMs, sql<number>`(${sql.ref('excluded.windowEndsAtMs')} - ${nowMs})`)
  return {
    count: sql<number>`${sql.ref('excluded.count')} + CASE WHEN ${running} THEN ${sql.ref('limits.count')} ELSE 0 END`,
    windowEndsAtMs: sql<number>`CASE WHEN ${running} THEN ${endOfWindow} ELSE ${sql.ref('excluded.windowEndsAtMs')} END`,
    waitUntilMs: sql<Wait>`CASE WHEN ${running} THEN ${sql.ref('limits.waitUntilMs')} END`,
  }
}

type Wait = Tables['limits']['waitUntilMs']

const endOfWindow = sql.ref<number>('limits.windowEndsAtMs')

/** What a client is told: whole seconds, and never that it may come at once. */
export function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((atMs - nowMs) / 1000))
}
