import {
  KeyRingError,
  type KeySource,
  KeyWrapperError,
  type LoadedKeyRing,
  resolveKeys,
} from '@holdfast/core'
import { needsKeySource, openKeySource } from '@holdfast/key-sources'
import { describeKeyUse, fitKeyRing, type KeyNeeds, lossFaults, readKeyNeeds } from '@holdfast/store'
import { spanOf } from '@holdfast/story'
import { agingOf } from '../keys/check-keys.ts'
import { loadRing, loadRingIfAny } from '../keys/key-command.ts'
import { type Finding, fine, type Level } from './finding.ts'
import type { Patient } from './patient.ts'

const about = 'key ring'

/** Whether the ring can be loaded, has what live rows need, is kept well and is young enough. */
export async function checkKeyRing(patient: Patient): Promise<Finding[]> {
  const { settings, store, nowMs, idleMs } = patient
  const unnamed =
    settings.isProduction && !settings.isSourceNamed
      ? [finding('fault', needsKeySource, 'set it as the server has it')]
      : []
  const needs = await readKeyNeeds(store, { nowMs, idleMs })
  try {
    const source = await openKeySource(settings.keySource, {
      environment: process.env,
      waitMs: settings.serviceWaitMs,
      onRetry: (error) => process.stderr.write(`holdfast: ${error.message}; asking again\n`),
    })
    // Only a ring in a file of its own is made by a start.
    const load = settings.keySource.kind === 'path' ? loadRingIfAny : loadRing
    const found = await load({ source, settings, nowMs })
    if (found === undefined) return [...unnamed, ...sayNoRing(source, needs)]
    return [...unnamed, ...lookAt(source, found, needs, nowMs)]
  } catch (error) {
    const faults =
      error instanceof KeyRingError
        ? error.faults
        : error instanceof KeyWrapperError
          ? [error.message]
          : undefined
    if (faults === undefined) throw error
    return [...unnamed, ...faults.map((fault) => finding('fault', fault, 'holdfast keys check'))]
  }
}

function sayNoRing(source: KeySource, { uses }: KeyNeeds): Finding[] {
  if (uses.length === 0) return [fine(about, `there is none in ${source.name}; the next start makes one`)]
  return lossFaults(uses, source.name).map((fault) => finding('fault', fault, 'docs/keys.md says what to do'))
}

function lookAt(
  source: KeySource,
  { record, concerns }: LoadedKeyRing,
  needs: KeyNeeds,
  nowMs: number,
): Finding[] {
  const fit = fitKeyRing(needs, record, { nowMs, source: source.name })
  const { signer } = resolveKeys(record, nowMs)
  const age = signer?.createdAtMs == null ? 'of unknown age' : `${spanOf(nowMs - signer.createdAtMs)} old`
  return [
    fine(
      about,
      `${record.ringId}, epoch ${record.epoch}, from ${source.name}; key ${signer?.kid} signs, ${age}`,
      { ringId: record.ringId, epoch: record.epoch, signs: signer?.kid ?? null },
    ),
    ...fit.faults.map((fault) => finding('fault', fault, 'holdfast keys check')),
    ...fit.revoked.map((use) =>
      finding(
        'warning',
        `revoked key ${use.kid} had signed what still lives: ${describeKeyUse(use)}`,
        `send each server SIGHUP, or: holdfast keys revoke ${use.kid}`,
      ),
    ),
    ...(fit.isForeign
      ? [finding('warning', 'this store was last used with another key ring', 'holdfast keys check')]
      : []),
    ...concerns.map((concern) => finding('warning', `${source.name}: ${concern}`)),
    ...agingOf(record, nowMs).map((note) => finding('warning', note)),
  ]
}

function finding(level: Level, says: string, remedy?: string): Finding {
  return { level, about, says, ...(remedy === undefined ? {} : { remedy }) }
}
