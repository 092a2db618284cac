import { type Key, type KeyRingRecord, rotateKeys } from '@holdfast/core'
import { ledgerEntry } from '@holdfast/store'
import { isoTime, spanOf } from '@holdfast/story'
import type { Report } from '../report.ts'
import { changeRing, type KeyCommand, recordInLedger, serverTimes } from './key-command.ts'

export interface RotateOptions {
  /** Seconds until the new key signs. */
  in?: number
}

/**
 * Adds a key that signs once every process has had time to load it. Nothing else has to be done: no restart, no
 * second command, and nobody is signed out.
 */
export async function rotate(command: KeyCommand, options: RotateOptions): Promise<Report> {
  const { source } = command
  const { reloadMs } = await serverTimes(command)
  const stagingMs = await stagingMsOf(command)
  const delayMs = options.in === undefined ? stagingMs : options.in * 1000
  let stagedAtMs = 0
  const ring = await changeRing(command, (before) => {
    // Now and not before: waiting for the lock must not use up the time that the processes need.
    stagedAtMs = Date.now()
    return rotateKeys(before, { nowMs: stagedAtMs, signsFromMs: stagedAtMs + delayMs })
  })
  const { kid, signsFromMs } = newestKey(ring)
  await recordInLedger(command, ledgerEntry({ atMs: stagedAtMs, event: 'key_staged', kid }))
  const isSoon = delayMs < stagingMs
  return {
    data: { ringId: ring.ringId, epoch: ring.epoch, kid, signsFrom: isoTime(signsFromMs) },
    text: [
      `Key ${kid} is staged in ${source.name}: it verifies as soon as a process has loaded it, and signs ${delayMs === 0 ? 'from now on' : `in ${spanOf(delayMs)}, from ${isoTime(signsFromMs)} on`}.`,
      `Every process looks every ${spanOf(reloadMs)}, or at once on SIGHUP. Nobody is signed out.`,
      'The older key is needed until its holders have come back or expired: see `holdfast keys list`, then `holdfast keys retire`.',
      ...(isSoon
        ? [
            `Note: that is sooner than ${spanOf(stagingMs)}, which several processes need; send each of them SIGHUP now`,
          ]
        : []),
    ].join('\n'),
  }
}

/** Two looks, and what a key service may take: every process has loaded the ring by then, also one that has just missed it. */
export async function stagingMsOf(command: KeyCommand): Promise<number> {
  const { keySource, serviceWaitMs } = command.settings
  const { reloadMs } = await serverTimes(command)
  return 2 * reloadMs + (keySource.kind === 'wrapped' ? serviceWaitMs : 0)
}

function newestKey({ keys }: KeyRingRecord): Key {
  const key = keys.find(({ state }) => state === 'staged')
  if (key === undefined) throw new Error('expected a rotated ring to have a staged key')
  return key
}
