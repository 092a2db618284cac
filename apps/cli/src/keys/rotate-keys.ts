import { type KeyRingRecord, rotateKeys } from '@holdfast/core'
import { ledgerEntry } from '@holdfast/store'
import type { Report } from '../report.ts'
import { isoTime, spanOf } from '../time-text.ts'
import { changeRing, type KeyCommand, record } from './key-command.ts'

export interface RotateOptions {
  /** Seconds until the new key signs. */
  in?: number
}

/**
 * Adds a key that signs once every process has had time to load it. Nothing else has to be done: no restart, no
 * second command, and nobody is signed out.
 */
export async function rotate(command: KeyCommand, options: RotateOptions): Promise<Report> {
  const { source, settings, nowMs } = command
  const delayMs = options.in === undefined ? stagingMs(settings.reloadMs) : options.in * 1000
  const signsFromMs = nowMs + delayMs
  const ring = await changeRing(command, (before) => rotateKeys(before, { nowMs, signsFromMs }))
  const kid = newestKid(ring)
  await record(command, ledgerEntry({ atMs: nowMs, event: 'key_staged', kid }))
  return {
    data: { ringId: ring.ringId, epoch: ring.epoch, kid, signsFrom: isoTime(signsFromMs) },
    text: [
      `Key ${kid} is staged in ${source.name}: it verifies as soon as a process has loaded it, and signs ${delayMs === 0 ? 'from now on' : `in ${spanOf(delayMs)}, from ${isoTime(signsFromMs)} on`}.`,
      `Every process looks every ${spanOf(settings.reloadMs)}, or at once on SIGHUP. Nobody is signed out.`,
      'The older key is needed until its holders have come back or expired: see `holdfast keys list`, then `holdfast keys retire`.',
    ].join('\n'),
  }
}

/** Two looks: every process has loaded the ring by then, also one that has just missed it. */
export function stagingMs(reloadMs: number): number {
  return 2 * reloadMs
}

function newestKid({ keys }: KeyRingRecord): string {
  return keys.at(-1)?.kid ?? ''
}
