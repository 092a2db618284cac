import type { CodeRow, Store } from '@holdfast/store'
import { type ClaimedCode, claimCode, type WaitingCode, waitingCodes } from './outbox-queries.ts'
import { furthestRetryMs } from './retry-schedule.ts'

/** While a row is leased no other process takes it. Longer than the one deadline that a mail has. */
const leaseMs = 15_000

/** The rows that are due, whoever will take them, the longest due first. */
export function readDueCodes(store: Store, nowMs: number): Promise<WaitingCode[]> {
  return store.read(waitingCodes({ nowMs, furthestDueAtMs: nowMs + furthestRetryMs }))
}

/** Takes those of the rows that no other process has taken since they were read. */
export async function claimCodes(
  store: Store,
  rows: readonly WaitingCode[],
  nowMs: number,
): Promise<ClaimedCode[]> {
  if (rows.length === 0) return []
  const leasedUntilMs = nowMs + leaseMs
  const claimed = await store.write(...rows.map((row) => claimCode({ ...row, leasedUntilMs })))
  return claimed.flat()
}

/** One code among all. */
export function nameOfCode({ verificationId, number }: Pick<CodeRow, 'verificationId' | 'number'>): string {
  return `${verificationId}.${number}`
}
