import { KeyRing, revokeKey } from '@holdfast/core'
import { describeKeyUse, endKeyUse, type KeyUse, ledgerEntry, rememberKeyRing } from '@holdfast/store'
import { spanOf } from '@holdfast/story'
import type { Report } from '../report.ts'
import { changeRing, type KeyCommand, loadRing, needsOf, refusing, storeNotes } from './key-command.ts'

export interface RevokeOptions {
  dryRun?: boolean
}

/**
 * Ends a key that has leaked, and with it whatever it signed. When it was the one that signs, another takes over
 * at once. Doing it again finishes what a killed run left undone.
 */
export async function revoke(command: KeyCommand, kid: string, options: RevokeOptions): Promise<Report> {
  const { store, settings, nowMs } = command
  const needs = await needsOf(command)
  const idleMs = Math.max(settings.idleMs, needs.known?.idleMs ?? 0)
  const use = needs.uses.find((candidate) => candidate.kid === kid) ?? unused(kid)
  if (options.dryRun === true) {
    const { record: before } = await loadRing(command)
    refusing(command, () => revokeKey(before, kid, { nowMs }))
    return {
      data: { kid, dryRun: true, signIns: use.signIns, verifications: use.verifications, mails: use.mails },
      text: [
        `Revoking key ${kid} would end ${describeKeyUse(use)}. Nothing was changed.`,
        ...storeNotes(command).map((note) => `Note: ${note}`),
      ].join('\n'),
    }
  }
  const ring = await changeRing(command, (before) => revokeKey(before, kid, { nowMs }))
  const signs = new KeyRing(ring, nowMs).signingKid
  // The ring first: from here on no process that loads it accepts the key, whatever becomes of this one.
  const ended =
    store === undefined
      ? unused(kid)
      : await endKeyUse(store, [kid], { nowMs, idleMs, reason: 'key_revoked' })
  await store?.write(ledgerEntry({ atMs: nowMs, event: 'key_revoked', kid }), ...rememberKeyRing(ring))
  return {
    data: { ...ended, kid, epoch: ring.epoch, signs },
    text: [
      `Key ${kid} is revoked. Ended: ${describeKeyUse({ ...use, ...ended })}. Key ${signs} signs.`,
      `Every process follows within ${spanOf(settings.reloadMs)}, or at once on SIGHUP, and ends what was signed meanwhile.`,
      ...storeNotes(command).map((note) => `Note: ${note}`),
    ].join('\n'),
  }
}

function unused(kid: string): KeyUse {
  return { kid, signIns: 0, verifications: 0, mails: 0, untilMs: 0 }
}
