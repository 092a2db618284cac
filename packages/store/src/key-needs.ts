import { KeyRing, type KeyRingRecord } from '@holdfast/core'
import { countKeyUse, describeKeyUse, type KeyUse, type LiveAt } from './key-use.ts'
import { type KnownKeyRing, readKnownKeyRing } from './known-key-ring.ts'
import type { Store } from './store.ts'

/** What a store needs of a key ring. */
export interface KeyNeeds {
  uses: readonly KeyUse[]
  known: KnownKeyRing | undefined
}

/** How a key ring fits what a store needs. */
export interface KeyFit {
  /** Uses of keys that the ring does not have. */
  missing: readonly KeyUse[]
  /** Uses of keys that the ring has revoked: they are to be ended. */
  revoked: readonly KeyUse[]
  /** The store was last used with another ring, of which this one has no key. */
  isForeign: boolean
  /** One line for each fault, with its remedy. */
  faults: readonly string[]
  /** Those of the faults that have nothing to do with a loss: revoked keys that are back. */
  revivals: readonly string[]
}

export async function readKeyNeeds(store: Pick<Store, 'read'>, at: LiveAt): Promise<KeyNeeds> {
  const known = await readKnownKeyRing(store)
  const idleMs = Math.max(at.idleMs, known?.idleMs ?? 0)
  return { uses: await countKeyUse(store, { ...at, idleMs }), known }
}

/** Holds a key ring against what a store needs. `source` is what to call the ring's place. */
export function fitKeyRing(
  { uses, known }: KeyNeeds,
  record: KeyRingRecord,
  { nowMs, source }: { nowMs: number; source: string },
): KeyFit {
  const ring = new KeyRing(record, nowMs)
  const unusable = uses.filter(({ kid }) => !ring.has(kid))
  const missing = unusable.filter(({ kid }) => ring.whyMissing(kid) === 'key_unknown')
  const revoked = unusable.filter(({ kid }) => ring.whyMissing(kid) === 'key_revoked')
  const isForeign =
    known !== undefined && known.ringId !== record.ringId && !known.kids.some((kid) => ring.has(kid))
  const revivals = (known?.revokedKids ?? [])
    .filter((kid) => ring.has(kid))
    .map(
      (kid) =>
        `key ${kid} was revoked and is in ${source} again, perhaps from an older copy: run: holdfast keys revoke ${kid}`,
    )
  const faults = [...lossFaults(missing, source, isForeign ? known : undefined), ...revivals]
  return { missing, revoked, isForeign, faults, revivals }
}

/** What to say of keys that are needed and not there. */
export function lossFaults(
  missing: readonly KeyUse[],
  source: string,
  foreign: KnownKeyRing | undefined = undefined,
): string[] {
  const lines = missing.map(
    (use) =>
      `key ${use.kid} is missing from ${source} and still needed (${describeKeyUse(use)}): bring the key back, or sign those people out with --accept-key-loss`,
  )
  if (foreign === undefined || missing.length === 0) return lines
  return [
    ...lines,
    `this store belongs to key ring ${foreign.ringId}, of which ${source} has no key: the ring was replaced, or STORE_URL names the store of another installation`,
  ]
}
