import { KeyRing, KeyRingError, type KeyRingRecord } from '@holdfast/core'
import { fitKeyRing, type KeyFit, readKeyNeeds, type Store } from '@holdfast/store'

export interface NextRing {
  inUse: KeyRingRecord
  next: KeyRingRecord
  /** Where the next one comes from. */
  source: string
  nowMs: number
}

/**
 * Whether a ring may take the place of the one in use, and which keys of it that are needed are revoked.
 *
 * @throws KeyRingError with all that stands against it
 */
export async function checkNextRing(store: Store, idleMs: number, ring: NextRing): Promise<KeyFit> {
  const { inUse, next, source, nowMs } = ring
  const needs = await readKeyNeeds(store, { nowMs, idleMs })
  const ringInUse = new KeyRing(inUse, nowMs)
  // What the ring in use lacks already was said at the start, and is no reason to stay with that ring.
  const uses = needs.uses.filter(({ kid }) => !hasLost(ringInUse, kid))
  const fit = fitKeyRing({ ...needs, uses }, next, { nowMs, source })
  const faults = [...ownFaults(ring).map((fault) => `${source} ${fault}`), ...fit.faults]
  if (faults.length > 0) throw new KeyRingError(...faults)
  return fit
}

/** Whether a ring knows nothing of a key, not even that it was revoked. */
export function hasLost(ring: KeyRing, kid: string): boolean {
  return !ring.has(kid) && ring.whyMissing(kid) === 'key_unknown'
}

/** What stands against it apart from what the store needs. */
function ownFaults({ inUse, next, nowMs }: NextRing): string[] {
  const faults: string[] = []
  const ring = new KeyRing(next, nowMs)
  const ringInUse = new KeyRing(inUse, nowMs)
  const { signingKid } = ringInUse
  // A process whose clock is behind goes on to the key that is its next one anyway.
  if (hasLost(ring, signingKid) && !ringInUse.isNewer(ring.signingKid)) {
    faults.push(
      `lacks key ${signingKid}, which signs now: rotate with the older key kept, or restart to go on without it`,
    )
  }
  if (next.ringId === inUse.ringId && next.epoch < inUse.epoch) {
    faults.push(
      `is older than the ring in use (epoch ${next.epoch} after ${inUse.epoch}): put the newer one back`,
    )
  }
  return faults
}
