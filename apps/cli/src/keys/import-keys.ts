import { resolve } from 'node:path'
import {
  addOlderKey,
  type Key,
  type KeyRingRecord,
  keyFileSource,
  keySourceAt,
  revokeKey,
} from '@holdfast/core'
import { ledgerEntry } from '@holdfast/store'
import { CommandError } from '../command-error.ts'
import type { Report } from '../report.ts'
import {
  changeRing,
  type KeyCommand,
  loadRing,
  loadRingIfAny,
  needsOf,
  recordInLedger,
} from './key-command.ts'

/**
 * Takes the keys of another file into the ring: the `secret_key.txt` of an older app, or a backup of a ring that
 * was lost. Where there is no ring yet they become it; else they verify and never sign. Without a file, the
 * ring's own file is rewritten from the single line of an older app.
 */
export async function importKeys(command: KeyCommand, file: string | undefined): Promise<Report> {
  const { settings, source, nowMs } = command
  const { keySource } = settings
  if (keySource.kind === 'texts') {
    throw CommandError.refused(`${source.name} is not a file; set SECRET_KEY_SOURCE=file: and a path`)
  }
  const target = keySource.path
  const from = resolve(file ?? target)
  if (from === target) return upgrade(command)
  const imported = (await keySourceAt(from).load({ create: false, nowMs })).record
  const revokedKids = (await needsOf(command)).known?.revokedKids ?? []
  if (keySource.kind === 'path' && (await loadRingIfAny(command)) === undefined) {
    const kept = withoutRevoked(imported, revokedKids, nowMs)
    const ring = { ...kept, epoch: kept.epoch + 1 }
    await keyFileSource({ path: target }).put(ring)
    const added = ring.keys.map(({ kid }) => ledgerEntry({ atMs: nowMs, event: 'key_added', kid }))
    await recordInLedger(command, ...added)
    return report(command, ring, `The keys of ${from} are the key ring in ${target} now.`)
  }
  return addKeys(command, imported, { from, target, revokedKids })
}

/** A backup may be older than a revocation, which the store remembers also where no ring does. */
function withoutRevoked(ring: KeyRingRecord, revokedKids: readonly string[], nowMs: number): KeyRingRecord {
  const isBack = ({ kid, secret }: Key) => secret !== null && revokedKids.includes(kid)
  return ring.keys.filter(isBack).reduce((next, { kid }) => revokeKey(next, kid, { nowMs }), ring)
}

async function addKeys(
  command: KeyCommand,
  imported: KeyRingRecord,
  { from, target, revokedKids }: { from: string; target: string; revokedKids: readonly string[] },
): Promise<Report> {
  const { nowMs } = command
  const existing = (await loadRing(command)).record
  const knownAs = (key: Key) => existing.keys.find(({ kid }) => kid === key.kid)
  const isRevoked = (key: Key) =>
    [key.state, knownAs(key)?.state].includes('revoked') || revokedKids.includes(key.kid)
  const revoked = imported.keys.filter(isRevoked).map((key) => key.kid)
  const offered = imported.keys.filter((key) => key.secret !== null && !isRevoked(key))
  const added = offered.filter((key) => (knownAs(key)?.secret ?? null) === null)
  const leftOut = `${target} has revoked ${revoked.join(', ')}: what is revoked stays out`
  if (added.length === 0) {
    throw CommandError.refused(revoked.length > 0 ? leftOut : `${target} has every key of ${from} already`)
  }
  const ring = await changeRing(command, (before) =>
    added.reduce((next, key) => addOlderKey(next, key, { nowMs }), before),
  )
  await recordInLedger(
    command,
    ...added.map(({ kid }) => ledgerEntry({ atMs: nowMs, event: 'key_added', kid })),
  )
  const kids = added.map((key) => key.kid)
  return {
    data: { ringId: ring.ringId, epoch: ring.epoch, kids, revoked },
    text: [
      `Added to ${target}, to verify and never to sign: ${kids.join(', ')}.`,
      ...(revoked.length > 0 ? [`Note: ${leftOut}`] : []),
    ].join('\n'),
  }
}

async function upgrade(command: KeyCommand): Promise<Report> {
  const { source } = command
  const { epoch } = (await loadRing(command)).record
  if (epoch > 0) throw CommandError.refused(`${source.name} is a key ring of epoch ${epoch} already`)
  const ring = await changeRing(command, (before) => (before.epoch === 0 ? { ...before, epoch: 1 } : before))
  return report(command, ring, `${source.name} is a key ring of epoch ${ring.epoch} now.`)
}

function report({ source }: KeyCommand, ring: KeyRingRecord, text: string): Report {
  return {
    data: { ringId: ring.ringId, source: source.name, kids: ring.keys.map((key) => key.kid) },
    text,
  }
}
