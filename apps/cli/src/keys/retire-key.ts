import { type KeyRingRecord, retireKey, settleStates } from '@holdfast/core'
import { describeKeyUse, type KeyUse, ledgerEntry } from '@holdfast/store'
import { isoTime } from '@holdfast/story'
import { CommandError } from '../command-error.ts'
import type { Report } from '../report.ts'
import {
  changeRing,
  type KeyCommand,
  loadRing,
  needsOf,
  recordInLedger,
  refusing,
  requireStore,
} from './key-command.ts'
import { stagingMsOf } from './rotate-keys.ts'

/** Twenty codes of ten minutes each, the most that the settings allow: each one asked for again needs the key. */
const longestVerificationMs = 20 * 10 * 60_000

export interface RetireOptions {
  /** Let it verify until nothing alive can need it, instead of refusing. */
  later?: boolean
}

/** Ends a key that nothing alive needs, and destroys it. Refuses as long as somebody does. */
export async function retire(command: KeyCommand, kid: string, options: RetireOptions): Promise<Report> {
  const { source, nowMs } = command
  requireStore(command)
  const { record: before } = await loadRing(command)
  // The ring's own refusals come first: they say more than a count.
  refusing(command, () => retireKey(before, kid, { nowMs, verifiesUntilMs: nowMs }))
  const lastSignedMs = lastSignedAtMs(before, kid, nowMs) + (await stagingMsOf(command))
  const { uses } = await needsOf(command)
  const use = uses.find((candidate) => candidate.kid === kid)
  const neededUntilMs = Math.max(nowMs, lastSignedMs, use?.untilMs ?? 0)
  if (neededUntilMs > nowMs && options.later !== true) throw stillNeeded(kid, use, neededUntilMs)
  const needsTime = use !== undefined && use.verifications > 0
  const verifiesUntilMs = neededUntilMs + (needsTime ? longestVerificationMs : 0)

  const ring = await changeRing(command, (now) => retireKey(now, kid, { nowMs, verifiesUntilMs }))
  await recordInLedger(command, ledgerEntry({ atMs: nowMs, event: 'key_retired', kid }))
  return {
    data: { kid, epoch: ring.epoch, verifiesUntil: isoTime(verifiesUntilMs) },
    text:
      verifiesUntilMs > nowMs
        ? `Key ${kid} verifies until ${isoTime(verifiesUntilMs)}, when nothing alive can need it, and then no more.`
        : `Key ${kid} is retired and its secret is gone from ${source.name}. Nothing alive needed it.`,
  }
}

function stillNeeded(kid: string, use: KeyUse | undefined, untilMs: number): CommandError {
  const until = isoTime(untilMs)
  const why =
    use === undefined
      ? `a process that has not loaded the newer key yet may still sign with key ${kid}, until ${until}`
      : `key ${kid} is still needed (${describeKeyUse(use)}), until ${until} at the latest; people who come back before move to the newer key by themselves`
  return CommandError.refused(
    `${why}. Try again later, let it end by itself with --later, or, if it has leaked: holdfast keys revoke ${kid}`,
    {
      kid,
      until,
      signIns: use?.signIns ?? 0,
      verifications: use?.verifications ?? 0,
      mails: use?.mails ?? 0,
    },
  )
}

/** When a newer key took over from this one. */
function lastSignedAtMs(ring: KeyRingRecord, kid: string, nowMs: number): number {
  const key = settleStates(ring, nowMs).keys.find((candidate) => candidate.kid === kid)
  return key?.signsUntilMs ?? nowMs
}
