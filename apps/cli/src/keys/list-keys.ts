import { type KeyRingRecord, resolveKeys, settleStates } from '@holdfast/core'
import type { KeyUse } from '@holdfast/store'
import { isoTime, spanOf } from '@holdfast/story'
import type { Report } from '../report.ts'
import { formatTable } from '../table.ts'
import { type KeyCommand, loadRing, needsOf, storeNotes } from './key-command.ts'

/** Every key with its state and age, and who still needs it. */
export async function listKeys(command: KeyCommand): Promise<Report> {
  const { source, store, settings, nowMs } = command
  const { record } = await loadRing(command)
  const { uses } = await needsOf(command)
  const keys = describeKeys(record, uses, nowMs)
  const missing = uses.filter((use) => !record.keys.some((key) => key.kid === use.kid)).map(describeUse)
  const nobody = store === undefined ? 'not known' : 'nobody'
  const lines = [
    `Key ring ${record.ringId}, epoch ${record.epoch}, from ${source.name}`,
    '',
    formatTable(
      ['kid', 'state', 'age', 'signs', 'verifies', 'needed by'],
      keys.map((key) => [
        key.kid,
        key.state,
        key.ageSeconds === null ? 'not known' : spanOf(key.ageSeconds * 1000),
        signsText(key, nowMs),
        verifiesText(key, nowMs),
        key.needed === null ? nobody : neededText(key.needed),
      ]),
    ),
    ...missing.map((use) => `\nKey ${use.kid} is not in the ring and still needed: ${neededText(use)}`),
    ...storeNotes(command).map((note) => `\nNote: ${note}`),
  ]
  return {
    data: {
      ringId: record.ringId,
      epoch: record.epoch,
      source: source.name,
      store: store === undefined ? null : settings.storePath,
      keys,
      missing,
    },
    text: lines.join('\n'),
  }
}

export interface DescribedKey {
  kid: string
  state: string
  signs: boolean
  verifies: boolean
  ageSeconds: number | null
  createdAt: string | null
  signsFrom: string
  signsUntil: string | null
  verifiesUntil: string | null
  needed: NeededBy | null
}

interface NeededBy {
  kid: string
  signIns: number
  verifications: number
  mails: number
  until: string
}

function describeKeys(record: KeyRingRecord, uses: readonly KeyUse[], nowMs: number): DescribedKey[] {
  const settled = settleStates(record, nowMs)
  const { signer, verifiers } = resolveKeys(settled, nowMs)
  return settled.keys.map((key) => {
    const use = uses.find(({ kid }) => kid === key.kid)
    return {
      kid: key.kid,
      state: key.state,
      signs: key === signer,
      verifies: verifiers.includes(key),
      ageSeconds: key.createdAtMs === null ? null : Math.max(0, Math.floor((nowMs - key.createdAtMs) / 1000)),
      createdAt: key.createdAtMs === null ? null : isoTime(key.createdAtMs),
      signsFrom: isoTime(key.signsFromMs),
      signsUntil: key.signsUntilMs === null ? null : isoTime(key.signsUntilMs),
      verifiesUntil: key.verifiesUntilMs === null ? null : isoTime(key.verifiesUntilMs),
      needed: use === undefined ? null : describeUse(use),
    }
  })
}

function describeUse({ untilMs, ...use }: KeyUse): NeededBy {
  return { ...use, until: isoTime(untilMs) }
}

function signsText({ signs, state, signsFrom }: DescribedKey, nowMs: number): string {
  if (signs) return 'now'
  return state === 'staged' ? `in ${spanOf(Date.parse(signsFrom) - nowMs)}` : 'no more'
}

function verifiesText({ verifies, verifiesUntil }: DescribedKey, nowMs: number): string {
  if (!verifies) return 'no more'
  return verifiesUntil === null ? 'yes' : `for ${spanOf(Date.parse(verifiesUntil) - nowMs)}`
}

function neededText({ signIns, verifications, mails, until }: NeededBy): string {
  return `sign-ins: ${signIns}, verifications: ${verifications}, unsent mails: ${mails}, until ${until}`
}
