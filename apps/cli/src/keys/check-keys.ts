import {
  createKeyRingRecord,
  KeyRing,
  KeyRingError,
  type KeyRingRecord,
  KeyWrapperError,
  resolveKeys,
} from '@holdfast/core'
import { needsKeySource } from '@holdfast/key-sources'
import { describeKeyUse, fitKeyRing, type KeyNeeds, lossFaults } from '@holdfast/store'
import { spanOf } from '@holdfast/story'
import type { Report } from '../report.ts'
import { type KeyCommand, loadRingIfAny, needsOf, storeNotes } from './key-command.ts'

const dayMs = 86_400_000
/** How long a key should sign (ASVS 13.3.4 asks for a schedule): the reminder comes at 80 % of it. */
const signingLifeMs = 90 * dayMs

/** Says what the next start would make of the keys, in the words of that start and without changing anything. */
export async function checkKeys(command: KeyCommand): Promise<Report> {
  const { settings, source, nowMs } = command
  if (settings.isProduction && !settings.isSourceNamed) return refusal(command, [needsKeySource])
  const needs = await needsOf(command)
  const found = await findRing(command, needs)
  if ('faults' in found) return refusal(command, found.faults, found.exitCode)

  const { record, isNew, concerns } = found
  const fit = fitKeyRing(needs, record, { nowMs, source: source.name })
  const faults = [...concerns, ...fit.faults]
  if (settings.isProduction && faults.length > 0) return refusal(command, faults)
  const warnings = [
    ...fit.revoked.map(
      (use) => `the next start ends what revoked key ${use.kid} had signed (${describeKeyUse(use)})`,
    ),
    ...(fit.isForeign ? ['this store was last used with another key ring'] : []),
    ...(isNew ? [] : agingOf(record, nowMs)),
    ...storeNotes(command),
  ]
  const outcome = isNew
    ? `make a key ring in ${source.name}: there is none.`
    : `take key ring ${record.ringId}, epoch ${record.epoch}, from ${source.name}; key ${new KeyRing(record, nowMs).signingKid} signs.`
  const warned = faults.length > 0 ? ['It would warn, and in production refuse:'] : []
  return {
    data: {
      ringId: isNew ? null : record.ringId,
      epoch: isNew ? null : record.epoch,
      source: source.name,
      starts: true,
      faults,
      warnings,
    },
    text: [
      `The next start would ${outcome}`,
      ...warned,
      ...faults.map((fault) => `  ${fault}`),
      ...warnings.map((line) => `Note: ${line}`),
    ].join('\n'),
  }
}

type FoundRing =
  | { record: KeyRingRecord; concerns: readonly string[]; isNew: boolean }
  | { faults: string[]; exitCode: number }

/** As a start does: it makes a ring where there is none, in production only while nobody needs another. */
async function findRing(command: KeyCommand, needs: KeyNeeds): Promise<FoundRing> {
  const { source, settings, nowMs } = command
  const mayCreate = settings.keySource.kind === 'path' && (!settings.isProduction || needs.uses.length === 0)
  try {
    const found = await loadRingIfAny(command)
    if (found === undefined && mayCreate) {
      return { record: createKeyRingRecord(nowMs), concerns: [], isNew: true }
    }
    const { record, concerns } = found ?? (await source.load({ create: false, nowMs }))
    new KeyRing(record, nowMs)
    return { record, concerns, isNew: false }
  } catch (error) {
    const losses = lossFaults(needs.uses, source.name)
    if (error instanceof KeyWrapperError) {
      const faults = [`key ring: ${error.message}`, ...(error.isTemporary ? [] : losses)]
      return { faults, exitCode: error.isTemporary ? 75 : 78 }
    }
    if (!(error instanceof KeyRingError)) throw error
    return { faults: [...error.faults.map((fault) => `key ring: ${fault}`), ...losses], exitCode: 78 }
  }
}

function refusal({ source }: KeyCommand, faults: readonly string[], exitCode = 78): Report {
  return {
    data: { ringId: null, epoch: null, source: source.name, starts: false, faults, warnings: [] },
    text: ['The next start would refuse:', ...faults.map((fault) => `  ${fault}`)].join('\n'),
    exitCode,
  }
}

/** What the age of the key that signs, and the clock, ask of an operator. */
export function agingOf(record: KeyRingRecord, nowMs: number): string[] {
  const { signer, isSignerOutOfTime } = resolveKeys(record, nowMs)
  const notes: string[] = []
  if (isSignerOutOfTime) notes.push('no key is due to sign, so the nearest one does: is the clock right?')
  const ageMs = signer?.createdAtMs == null ? undefined : nowMs - signer.createdAtMs
  if (ageMs !== undefined && ageMs > 0.8 * signingLifeMs) {
    notes.push(
      `key ${signer?.kid} is ${spanOf(ageMs)} old: rotate every ${spanOf(signingLifeMs)} (holdfast keys rotate)`,
    )
  }
  return notes
}
