import { KeyRingError, type KeyRingRecord, KeyWrapperError, resolveKeys } from '@holdfast/core'
import { needsKeySource } from '@holdfast/key-sources'
import { describeKeyUse, fitKeyRing, type KeyNeeds, lossFaults, readKeyNeeds } from '@holdfast/store'
import { agingOf } from '../keys/check-keys.ts'
import { loadRingIfAny } from '../keys/key-command.ts'
import { spanOf } from '../time-text.ts'
import { type Finding, fine, type Level } from './finding.ts'
import type { Patient } from './patient.ts'

const about = 'key ring'

/** Whether the ring can be loaded, has what live rows need, is kept well and is young enough. */
export async function checkKeyRing(patient: Patient): Promise<Finding[]> {
  const { settings, store, source, nowMs, idleMs } = patient
  const unnamed =
    settings.isProduction && !settings.isSourceNamed
      ? [finding('fault', needsKeySource, 'set it as the server has it')]
      : []
  const needs = await readKeyNeeds(store, { nowMs, idleMs })
  try {
    const found = await loadRingIfAny(patient)
    if (found === undefined) return [...unnamed, ...sayNoRing(patient, needs)]
    return [...unnamed, ...lookAt(patient, found.record, found.concerns, needs)]
  } catch (error) {
    if (error instanceof KeyWrapperError) {
      return [...unnamed, finding('fault', error.message, 'holdfast keys check')]
    }
    if (!(error instanceof KeyRingError)) throw error
    const faults = [...error.faults, ...lossFaults(needs.uses, source.name)]
    return [...unnamed, ...faults.map((fault) => finding('fault', fault, 'holdfast keys check'))]
  }
}

function sayNoRing({ source }: Patient, { uses }: KeyNeeds): Finding[] {
  if (uses.length === 0) return [fine(about, `there is none in ${source.name}; the next start makes one`)]
  return lossFaults(uses, source.name).map((fault) => finding('fault', fault, 'docs/keys.md, "A lost ring"'))
}

function lookAt(
  { source, nowMs }: Patient,
  record: KeyRingRecord,
  concerns: readonly string[],
  needs: KeyNeeds,
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
