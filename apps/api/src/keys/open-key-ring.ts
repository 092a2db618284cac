import { KeyRing, KeyRingError, type KeySource, KeyWrapperError, type LoadedKeyRing } from '@holdfast/core'
import {
  describeKeyUse,
  endKeyUse,
  fitKeyRing,
  type KeyNeeds,
  ledgerEntry,
  lossFaults,
  readKeyNeeds,
  rememberKeyRing,
} from '@holdfast/store'
import { StartFault } from '../start-fault.ts'
import { LiveKeyRing, type LiveKeyRingOptions } from './live-key-ring.ts'

export interface OpenKeyRingOptions extends LiveKeyRingOptions {
  /** `--accept-key-loss`: start although live records need a key that is gone. */
  acceptKeyLoss: boolean
}

/**
 * Loads the key ring and holds it against what the store needs. A key that is gone while people depend on
 * it is the fault that Holdfast was made to end: it is said at the start, with counts, and stops a
 * production server. A new ring is never made in a lost one's place there.
 *
 * @throws {StartFault}
 */
export async function openKeyRing(
  options: OpenKeyRingOptions,
): Promise<{ live: LiveKeyRing; created: boolean }> {
  const { source, store, logger, clock, isProduction, idleMs, reloadMs, acceptKeyLoss } = options
  const nowMs = clock()
  const needs = await readKeyNeeds(store, { nowMs, idleMs })
  const mayCreate = !isProduction || needs.uses.length === 0 || acceptKeyLoss
  const { record, created, concerns } = await load(source, { create: mayCreate, nowMs, needs })
  const fit = fitKeyRing(needs, record, { nowMs, source: source.name })
  const faults = [...concerns, ...(acceptKeyLoss ? fit.revivals : fit.faults)]
  if (isProduction && faults.length > 0) throw new StartFault(faults)
  for (const fault of faults) logger.warn(fault)

  const revoked = fit.revoked.map((use) => use.kid)
  const givenUp = acceptKeyLoss ? fit.missing.map((use) => use.kid) : []
  await endKeyUse(store, revoked, { nowMs, idleMs, reason: 'key_revoked' })
  await endKeyUse(store, givenUp, { nowMs, idleMs, reason: 'key_unknown' })
  for (const use of [...fit.revoked, ...(acceptKeyLoss ? fit.missing : [])]) {
    const why = revoked.includes(use.kid) ? 'revoked' : 'given up'
    logger.warn(`key ${use.kid} is ${why}`, { ended: describeKeyUse(use) })
  }

  const live = new LiveKeyRing(options, record)
  const kid = live.current().signingKid
  await store.write(
    ...rememberKeyRing(record, { idleMs, reloadMs }),
    ...(created ? [ledgerEntry({ atMs: nowMs, event: 'key_ring_created', kid })] : []),
    ...(fit.isForeign ? [ledgerEntry({ atMs: nowMs, event: 'key_ring_replaced', kid })] : []),
  )
  return { live, created }
}

async function load(
  source: KeySource,
  { create, nowMs, needs }: { create: boolean; nowMs: number; needs: KeyNeeds },
): Promise<LoadedKeyRing> {
  try {
    const loaded = await source.load({ create, nowMs })
    new KeyRing(loaded.record, nowMs)
    return loaded
  } catch (error) {
    const losses = lossFaults(needs.uses, source.name)
    if (error instanceof KeyWrapperError) {
      const lines = [`key ring: ${error.message}`, ...(error.isTemporary ? [] : losses)]
      throw new StartFault(lines, { isTemporary: error.isTemporary })
    }
    if (!(error instanceof KeyRingError)) throw error
    throw new StartFault([...error.faults.map((fault) => `key ring: ${fault}`), ...losses])
  }
}
