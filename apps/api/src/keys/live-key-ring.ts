import { isDeepStrictEqual } from 'node:util'
import {
  fingerprintOf,
  KeyRing,
  KeyRingError,
  type KeyRingRecord,
  type KeySource,
  KeyWrapperError,
  resolveKeys,
} from '@holdfast/core'
import {
  describeKeyUse,
  endKeyUse,
  fitKeyRing,
  ledgerEntry,
  readKeyNeeds,
  rememberKeyRing,
  type Store,
  StoreUnavailableError,
} from '@holdfast/store'
import type { Logger } from '../logger.ts'
import { rareLook } from './rare-look.ts'
import { reloadFaults } from './reload-faults.ts'
import { TokenChecks } from './token-checks.ts'

export interface LiveKeyRingOptions {
  source: KeySource
  store: Store
  logger: Logger
  clock: () => number
  isProduction: boolean
  /** How often the source is looked at. */
  reloadMs: number
  idleMs: number
}

export type ReloadCause = 'poll' | 'SIGHUP' | 'unknown_kid'

/** An unknown kid may be anybody's invention: no reason to read the source often, or to keep a request for long. */
const unknownKidLook = { everyMs: 5_000, waitMs: 2_000 }

/**
 * The key ring in use, which follows its source: looked at every `reloadMs`, on SIGHUP and when a key turns up
 * that another process has begun to sign with. A ring that is broken, or would end what is alive, is refused:
 * the last good one stays, the log and `holdfast_key_ring_reload_failures_total` say so.
 */
export class LiveKeyRing {
  readonly tokenChecks = new TokenChecks()
  reloads = 0
  reloadFailures = 0
  readonly #options: LiveKeyRingOptions
  #record: KeyRingRecord
  #ring: KeyRing
  /** Of the ring that is in use and settled with the store; none after a half-done change, to do it again. */
  #fingerprint: string | undefined
  #timer: NodeJS.Timeout | undefined
  #nextKeyTimer: NodeJS.Timeout | undefined
  #reloading: Promise<void> | undefined
  /** A token of another process has shown that this time has come, whatever the clock says here. */
  #notBeforeMs = Number.NEGATIVE_INFINITY
  #toldFault: string | undefined
  readonly #lookForUnknownKid = rareLook(() => this.reload('unknown_kid'), unknownKidLook)

  constructor(options: LiveKeyRingOptions, record: KeyRingRecord) {
    this.#options = options
    this.#record = record
    this.#ring = this.#use(record)
    this.#fingerprint = fingerprintOf(record)
  }

  get record(): KeyRingRecord {
    return this.#record
  }

  readonly current = (): KeyRing => this.#ring

  /** The ring, after another look at its source when it does not know `kid`. */
  readonly knowing = async (kid: string): Promise<KeyRing> => {
    if (hasLost(this.#ring, kid)) await this.#lookForUnknownKid()
    return this.#ring
  }

  /**
   * Counts a token. A good one under a staged key is the proof that another process signs with it already: this
   * one does too from now on, so that no token goes back and forth between the keys of two processes.
   */
  readonly tokenChecked = (kid: string, isGood: boolean): void => {
    this.tokenChecks.count(kid)
    if (!isGood || !this.#ring.isNewer(kid)) return
    this.#notBeforeMs = this.#record.keys.find((key) => key.kid === kid)?.signsFromMs ?? this.#notBeforeMs
    this.#followTime().catch((error: Error) => this.#refuse(error, 'poll'))
  }

  start(): void {
    this.#timer = setInterval(() => this.reload('poll'), this.#options.reloadMs)
    this.#timer.unref()
    this.#wakeAtNextKey()
  }

  /** Looks no more; resolves once a look that is under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    clearTimeout(this.#nextKeyTimer)
    this.#timer = undefined
    await this.#reloading
  }

  /** Looks at the source now. Never rejects: what is wrong is logged and counted, and the ring stays. */
  reload(cause: ReloadCause): Promise<void> {
    // A look that is under way may have read the source before it was changed: only the next poll may join it.
    if (cause !== 'poll' && this.#reloading !== undefined) {
      return this.#reloading.then(() => this.reload(cause))
    }
    this.#reloading ??= this.#reload(cause)
      .catch((error: Error) => this.#refuse(error, cause))
      .finally(() => {
        this.#reloading = undefined
      })
    return this.#reloading
  }

  async #reload(cause: ReloadCause): Promise<void> {
    try {
      await this.#look(cause)
    } finally {
      // Not before the look: a staged key that was revoked meanwhile must not sign. And also while the source
      // cannot be read: what the ring in use says about times holds without it.
      await this.#followTime()
      if (this.#timer !== undefined) this.#wakeAtNextKey()
    }
  }

  async #look(cause: ReloadCause): Promise<void> {
    const { source, logger, isProduction } = this.#options
    const { record, concerns } = await source.load({ create: false, nowMs: this.#now() })
    const isUnchanged = fingerprintOf(record) === this.#fingerprint
    if (!isUnchanged) {
      if (isProduction && concerns.length > 0) throw new KeyRingError(...concerns)
      await this.#takeOver(record, cause)
    } else if (cause === 'SIGHUP') logger.info('key ring is unchanged', this.#describe())
    if (this.#toldFault !== undefined) logger.info('key ring can be read again', this.#describe())
    this.#toldFault = undefined
  }

  async #takeOver(record: KeyRingRecord, cause: ReloadCause): Promise<void> {
    const { store, source, logger, idleMs, reloadMs } = this.#options
    const nowMs = this.#now()
    const needs = await readKeyNeeds(store, { nowMs, idleMs })
    const inUse = new KeyRing(this.#record, nowMs)
    const over = this.#ring.kids.filter((kid) => !inUse.has(kid))
    // What the ring in use lacks already was said at the start, and is no reason to stay with that ring.
    const uses = needs.uses.filter(({ kid }) => !hasLost(inUse, kid))
    const fit = fitKeyRing({ ...needs, uses }, record, { nowMs, source: source.name })
    const reasons = reloadFaults(this.#record, record, nowMs)
    const faults = [...reasons.map((reason) => `${source.name} ${reason}`), ...fit.faults]
    if (faults.length > 0) throw new KeyRingError(...faults)

    this.#use(record)
    this.#fingerprint = undefined
    const revoked = record.keys.filter((key) => key.state === 'revoked').map((key) => key.kid)
    const ended = await endKeyUse(store, revoked, { nowMs, idleMs, reason: 'key_revoked' })
    await store.write(
      ...rememberKeyRing(record, { idleMs, reloadMs }),
      ledgerEntry({ atMs: nowMs, event: 'key_ring_reloaded', kid: this.#ring.signingKid }),
    )
    this.#fingerprint = fingerprintOf(record)
    this.reloads += 1
    logger.info('key ring reloaded', { cause, ...this.#describe() })
    if (fit.revoked.length > 0) {
      logger.warn('what revoked keys had signed is ended', { kids: revoked, ...ended })
    }
    await this.#tellOfEnds(over)
  }

  /** Nothing was written anywhere: the staged key's time has come, or that of a retired one is over. */
  async #followTime(): Promise<void> {
    const { store, logger, clock } = this.#options
    const { signingKid, kids } = this.#ring
    const next = new KeyRing(this.#record, this.#now())
    if (next.signingKid === signingKid && isDeepStrictEqual(next.kids, kids)) return
    this.#use(this.#record)
    const over = kids.filter((kid) => !next.has(kid))
    await this.#tellOfEnds(over)
    if (next.signingKid === signingKid) return
    logger.info('another key signs from now on', this.#describe())
    await store.write(ledgerEntry({ atMs: clock(), event: 'key_signs', kid: this.#ring.signingKid }))
  }

  async #tellOfEnds(kids: readonly string[]): Promise<void> {
    if (kids.length === 0) return
    const { store, logger, clock, idleMs } = this.#options
    const { uses } = await readKeyNeeds(store, { nowMs: clock(), idleMs })
    for (const kid of kids) {
      const use = uses.find((candidate) => candidate.kid === kid)
      if (use === undefined) logger.info(`key ${kid} verifies no more, and nobody needed it`)
      else logger.warn(`key ${kid} verifies no more, and was still needed`, { by: describeKeyUse(use) })
    }
  }

  #use(record: KeyRingRecord): KeyRing {
    const nowMs = this.#now()
    this.#record = record
    this.#ring = new KeyRing(record, nowMs)
    this.tokenChecks.follow(record, nowMs)
    if (resolveKeys(record, nowMs).isSignerOutOfTime) {
      this.#options.logger.warn('no key is due to sign, so the nearest one does: is the clock right?')
    }
    if (this.#timer !== undefined) this.#wakeAtNextKey()
    return this.#ring
  }

  /** Between two looks a staged key's time may come: it signs then, and not at the next look. */
  #wakeAtNextKey(): void {
    clearTimeout(this.#nextKeyTimer)
    const nowMs = this.#now()
    const waitsMs = this.#record.keys.map((key) => key.signsFromMs - nowMs)
    const soonestMs = Math.min(...waitsMs.filter((waitMs) => waitMs > 0))
    // Further off than that, a look comes before.
    if (soonestMs > this.#options.reloadMs) return
    this.#nextKeyTimer = setTimeout(() => this.reload('poll'), soonestMs).unref()
  }

  #now(): number {
    return Math.max(this.#options.clock(), this.#notBeforeMs)
  }

  #refuse(error: Error, cause: ReloadCause): void {
    const { logger, store, clock } = this.#options
    this.reloadFailures += 1
    // Said once and not every thirty seconds; the counter rises each time.
    if (this.#toldFault === error.message) return
    this.#toldFault = error.message
    // After a half-done change the new ring is in use, and only the store does not follow yet.
    const isHalfDone = this.#fingerprint === undefined
    const event = isHalfDone
      ? 'key ring in use, but not settled with the store; done again at the next look'
      : 'key ring not reloaded, the last good one stays in use'
    logger.error(event, {
      cause,
      fault: isExpected(error) ? error.message : error.stack,
      ...this.#describe(),
    })
    if (isHalfDone) return
    store.write(ledgerEntry({ atMs: clock(), event: 'key_ring_reload_refused' })).catch(() => {})
  }

  #describe() {
    return { ringId: this.#ring.ringId, epoch: this.#ring.epoch, signs: this.#ring.signingKid }
  }
}

function hasLost(ring: KeyRing, kid: string): boolean {
  return !ring.has(kid) && ring.whyMissing(kid) === 'key_unknown'
}

function isExpected(error: Error): boolean {
  return [KeyRingError, KeyWrapperError, StoreUnavailableError].some((kind) => error instanceof kind)
}
