import { KeyRing, type KeyRingRecord } from '@holdfast/core'

/** What stands against taking one ring into use in the place of another, apart from what the store needs. */
export function reloadFaults(inUse: KeyRingRecord, next: KeyRingRecord, nowMs: number): string[] {
  const faults: string[] = []
  const ring = new KeyRing(next, nowMs)
  const ringInUse = new KeyRing(inUse, nowMs)
  const { signingKid } = ringInUse
  const isLost = !ring.has(signingKid) && ring.whyMissing(signingKid) === 'key_unknown'
  // A process whose clock is behind goes on to the key that is its next one anyway.
  if (isLost && !ringInUse.isNewer(ring.signingKid)) {
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
