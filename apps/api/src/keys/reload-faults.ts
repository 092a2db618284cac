import { KeyRing, type KeyRingRecord } from '@holdfast/core'

/** What stands against taking one ring into use in the place of another, apart from what the store needs. */
export function reloadFaults(inUse: KeyRingRecord, next: KeyRingRecord, nowMs: number): string[] {
  const faults: string[] = []
  const ring = new KeyRing(next, nowMs)
  const { signingKid } = new KeyRing(inUse, nowMs)
  if (!ring.has(signingKid) && ring.whyMissing(signingKid) === 'key_unknown') {
    faults.push(`lacks key ${signingKid}, which signs now: rotate with the older key kept`)
  }
  if (next.ringId === inUse.ringId && next.epoch < inUse.epoch) {
    faults.push(
      `is older than the ring in use (epoch ${next.epoch} after ${inUse.epoch}): put the newer one back`,
    )
  }
  return faults
}
