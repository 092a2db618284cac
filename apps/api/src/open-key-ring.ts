import { KeyRing, KeyRingError } from '@holdfast/core'
import type { Config } from './config.ts'
import { type LoadedKeyRing, loadKeyRing } from './key-source.ts'
import type { Logger } from './logger.ts'
import { StartFault } from './start-fault.ts'
import { acceptLoss, countKeyUse, type KeyUse } from './store/keys-in-use.ts'
import type { Store } from './store/store.ts'

export interface OpenKeyRingOptions {
  config: Config
  store: Store
  logger: Logger
  nowMs: number
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
export async function openKeyRing(options: OpenKeyRingOptions): Promise<LoadedKeyRing & { ring: KeyRing }> {
  const { config, store, logger, nowMs, acceptKeyLoss } = options
  const inUse = await countKeyUse(store, nowMs)
  const mayCreate = !config.isProduction || inUse.length === 0 || acceptKeyLoss
  const loaded = await load(config, mayCreate, nowMs, inUse)

  const missing = inUse.filter((use) => !loaded.ring.has(use.kid))
  if (missing.length > 0 && acceptKeyLoss) {
    await acceptLoss(store, missing, nowMs)
    for (const use of missing) logger.warn(`key ${use.kid} is given up`, { ended: describe(use) })
  } else {
    const faults = missing.map((use) => lossFault(use, loaded.source))
    if (faults.length > 0 && config.isProduction) throw new StartFault(faults)
    for (const fault of faults) logger.warn(fault)
  }
  if (loaded.isExposed) {
    const line = `${loaded.source} can be read by other users of this machine; run: chmod 600 ${loaded.source}`
    if (config.isProduction) throw new StartFault([line])
    logger.warn(line)
  }
  return loaded
}

async function load(
  config: Config,
  create: boolean,
  nowMs: number,
  inUse: readonly KeyUse[],
): Promise<LoadedKeyRing & { ring: KeyRing }> {
  const { keySource } = config
  try {
    const loaded = await loadKeyRing(keySource, { create, nowMs })
    return { ...loaded, ring: new KeyRing(loaded.record, nowMs) }
  } catch (error) {
    if (!(error instanceof KeyRingError)) throw error
    if (keySource.kind === 'environment') throw new StartFault([error.message])
    throw new StartFault([
      `key ring: ${error.message}`,
      ...inUse.map((use) => lossFault(use, keySource.path)),
    ])
  }
}

function lossFault(use: KeyUse, source: string): string {
  return `key ${use.kid} is missing from ${source} and still needed (${describe(use)}): bring the key back, or sign those people out with --accept-key-loss`
}

function describe({ signIns, verifications, mails }: KeyUse): string {
  return `sign-ins: ${signIns}, verifications: ${verifications}, unsent mails: ${mails}`
}
