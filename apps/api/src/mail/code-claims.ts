import { mailDeadlineMs } from '@holdfast/settings'
import type { CodeRow, Store } from '@holdfast/store'
import { type ClaimedCode, claimCode, recordLapse, type WaitingCode, waitingCodes } from './outbox-queries.ts'
import { mostDelayMs, mostDelayUnansweredMs } from './retry-schedule.ts'

/** While a row is leased no other process takes it. A hand-over may begin a while after the claim. */
const leaseMs = mailDeadlineMs + 5_000

/** Rows that are due, whoever will take them, the longest due first. */
export function readDueCodes(
  store: Store,
  { nowMs, most }: { nowMs: number; most: number },
): Promise<WaitingCode[]> {
  const furthestDueAtMs = nowMs + mostDelayMs
  const furthestUnknownDueAtMs = nowMs + mostDelayUnansweredMs
  return store.read(waitingCodes({ nowMs, furthestDueAtMs, furthestUnknownDueAtMs, most }))
}

/** Takes, for the process that is named `instance`, those of the rows that no other has taken since they were read. */
export async function claimCodes(
  store: Store,
  rows: readonly WaitingCode[],
  { instance, nowMs }: { instance: string; nowMs: number },
): Promise<ClaimedCode[]> {
  if (rows.length === 0) return []
  const leasedUntilMs = nowMs + leaseMs
  const lapses = rows.filter(({ leasedBy }) => leasedBy !== null)
  const written = await store.write(
    ...lapses.map((row) => recordLapse({ ...row, nowMs })),
    ...rows.map((row) => claimCode({ ...row, instance, leasedUntilMs })),
  )
  return written.flat().filter((row) => 'verificationId' in row)
}

/** One code among all. */
export function nameOfCode({ verificationId, number }: Pick<CodeRow, 'verificationId' | 'number'>): string {
  return `${verificationId}.${number}`
}
