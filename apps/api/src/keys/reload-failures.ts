import { KeyRingError, KeyWrapperError } from '@holdfast/core'
import { ledgerEntry, type Store, StoreUnavailableError } from '@holdfast/store'
import type { Logger } from '../logger.ts'

export interface ReloadFailuresOptions {
  store: Store
  logger: Logger
  clock: () => number
}

interface FailedReload {
  cause: string
  /** The new ring is in use, and only the store does not follow yet. */
  isHalfDone: boolean
  /** What is to be said of the ring in use. */
  ring: object
}

/** The reloads that failed: each is counted, and said once and not every thirty seconds. */
export class ReloadFailures {
  count = 0
  readonly #options: ReloadFailuresOptions
  #toldFault: string | undefined

  constructor(options: ReloadFailuresOptions) {
    this.#options = options
  }

  add(error: Error, { cause, isHalfDone, ring }: FailedReload): void {
    const { store, logger, clock } = this.#options
    this.count += 1
    if (this.#toldFault === error.message) return
    this.#toldFault = error.message
    const event = isHalfDone
      ? 'key ring in use, but not settled with the store; done again at the next look'
      : 'key ring not reloaded, the last good one stays in use'
    logger.error(event, {
      cause,
      fault: isExpected(error) ? error.message : error.stack,
      ...ring,
    })
    if (isHalfDone) return
    store.write(ledgerEntry({ atMs: clock(), event: 'key_ring_reload_refused' })).catch(() => {})
  }

  /** A look has succeeded: whoever was told of a fault hears that it is over. */
  end(ring: object): void {
    if (this.#toldFault !== undefined) this.#options.logger.info('key ring can be read again', ring)
    this.#toldFault = undefined
  }
}

function isExpected(error: Error): boolean {
  return [KeyRingError, KeyWrapperError, StoreUnavailableError].some((kind) => error instanceof kind)
}
