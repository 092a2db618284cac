import { describeKeyUse, readKeyNeeds, type Store } from '@holdfast/store'
import type { Logger } from '../logger.ts'

export interface KeyEndsOptions {
  store: Store
  logger: Logger
  clock: () => number
  idleMs: number
}

/** Says of each key that verifies no more whether somebody still needed it. */
export async function tellKeyEnds(options: KeyEndsOptions, kids: readonly string[]): Promise<void> {
  if (kids.length === 0) return
  const { store, logger, clock, idleMs } = options
  const { uses } = await readKeyNeeds(store, { nowMs: clock(), idleMs })
  for (const kid of kids) {
    const use = uses.find((candidate) => candidate.kid === kid)
    if (use === undefined) logger.info(`key ${kid} verifies no more, and nobody needed it`)
    else logger.warn(`key ${kid} verifies no more, and was still needed`, { by: describeKeyUse(use) })
  }
}
