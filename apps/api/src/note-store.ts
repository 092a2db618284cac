import type { KeyRingRecord } from '@holdfast/core'
import type { SqliteStore } from '@holdfast/store'
import type { Logger } from './logger.ts'

/** A ring that is older than this at the start that makes the store was not made for it. */
const oldRingMs = 60_000

/** Says at a start what an operator would want to know of the store's file. */
export function noteStore(
  { isNew, isChecked }: Pick<SqliteStore, 'isNew' | 'isChecked'>,
  { record, nowMs, logger }: { record: KeyRingRecord; nowMs: number; logger: Logger },
): void {
  const oldestMs = Math.min(...record.keys.map(({ createdAtMs }) => createdAtMs ?? nowMs))
  if (isNew && nowMs - oldestMs > oldRingMs) {
    logger.warn(
      'the store was made anew, and the key ring is older: whoever was signed in is not known here. If this is no first start, stop, and bring the store back or correct DATA_DIR or STORE_URL',
    )
  }
  if (!isChecked) {
    logger.info('the store is too large to look at every page at a start: run holdfast doctor now and then')
  }
}
