import { isDeepStrictEqual } from 'node:util'
import {
  fingerprintOf,
  KeyRing,
  KeyRingError,
  type KeyRingRecord,
  type KeySource,
  resolveKeys,
} from '@holdfast/core'
import { endKeyUse, ledgerEntry, rememberKeyRing, type Store } from '@holdfast/store'
import type { Logger } from '../logger.ts'
import { checkNextRing, hasLost } from './check-next-ring.ts'
import { rareLook } from './rare-look.ts'
import { ReloadFailures } from './reload-failures.ts'
import { tellKeyEnds } from './tell-key-ends.ts'
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
  readonly #options: LiveKeyRingOptions
  readonly #failures: ReloadFailures
  #record: KeyRingRecord
  #ring: KeyRing
  /** Of the ring that is in use and settled with the store; none after a half-done change, to do it again. */
  #fingerprint: string | undefined
  #timer: NodeJS.Timeout | undefined
  #nextKeyTimer: NodeJS.Timeout | undefined
  #reloading: Promise<void> | undefined
  /** A token of another process has shown that this time has come, whatever the clock says here. */
  #notBeforeMs = Number.NEGATIVE_INFINITY
  readonly #lookForUnknownKid = rareLook(() => this.reload('unknown_kid'), unknownKidLook)

  constructor(options: LiveKeyRingOptions, record: KeyRingRecord) {
    this.#options = options
    this.#failures = new ReloadFailures(options)
    this.#record = record
    this.#ring = this.#use(record)
    this.#fingerprint = fingerprintOf(record)
  }

  get reloadFailures(): number {
    return this.#failures.count
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
    this.#followTime().catch((error: Error) => this.#fail(error, 'poll'))
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
      .catch((error: Error) => this.#fail(error, cause))
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
    this.#failures.end(this.#describe())
  }

  async #takeOver(record: KeyRingRecord, cause: ReloadCause): Promise<void> {
    const { store, source, logger, idleMs, reloadMs } = this.#options
    const nowMs = this.#now()
    const fit = await checkNextRing(store, idleMs, {
      inUse: this.#record,
      next: record,
      source: source.name,
      nowMs,
    })
    const inUse = new KeyRing(this.#record, nowMs)
    const over = this.#ring.kids.filter((kid) => !inUse.has(kid))

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
    await tellKeyEnds(this.#options, over)
  }

  /** Nothing was written anywhere: the staged key's time has come, or that of a retired one is over. */
  async #followTime(): Promise<void> {
    const { store, logger, clock } = this.#options
    const { signingKid, kids } = this.#ring
    const next = new KeyRing(this.#record, this.#now())
    if (next.signingKid === signingKid && isDeepStrictEqual(next.kids, kids)) return
    this.#use(this.#record)
    const over = kids.filter((kid) => !next.has(kid))
    await tellKeyEnds(this.#options, over)
    if (next.signingKid === signingKid) return
    logger.info('another key signs from now on', this.#describe())
    await store.write(ledgerEntry({ atMs: clock(), event: 'key_signs', kid: this.#ring.signingKid }))
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

  #fail(error: Error, cause: ReloadCause): void {
    const isHalfDone = this.#fingerprint === undefined
    this.#failures.add(error, { cause, isHalfDone, ring: this.#describe() })
  }

  #describe() {
    return { ringId: this.#ring.ringId, epoch: this.#ring.epoch, signs: this.#ring.signingKid }
  }
}
