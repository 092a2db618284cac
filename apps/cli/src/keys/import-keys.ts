import { resolve } from 'node:path'
import { addOlderKey, type Key, type KeyRingRecord, keyFileSource, keySourceAt } from '@holdfast/core'
import { ledgerEntry } from '@holdfast/store'
import { CommandError } from '../command-error.ts'
import type { Report } from '../report.ts'
import { changeRing, type KeyCommand, loadRing, loadRingIfAny, record } from './key-command.ts'

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
  if (keySource.kind === 'path' && (await loadRingIfAny(command)) === undefined) {
    await keyFileSource({ path: target }).put({ ...imported, epoch: imported.epoch + 1 })
    return report(command, imported, `The keys of ${from} are the key ring in ${target} now.`)
  }
  return addKeys(command, imported, { from, target })
}

async function addKeys(
  command: KeyCommand,
  imported: KeyRingRecord,
  { from, target }: { from: string; target: string },
): Promise<Report> {
  const { nowMs } = command
  const existing = (await loadRing(command)).record
  const knownAs = (key: Key) => existing.keys.find(({ kid }) => kid === key.kid)
  const offered = imported.keys.filter((key) => key.secret !== null)
  const revoked = offered.filter((key) => knownAs(key)?.state === 'revoked').map((key) => key.kid)
  const added = offered.filter((key) => (knownAs(key)?.secret ?? null) === null && !revoked.includes(key.kid))
  const leftOut = `${target} has revoked ${revoked.join(', ')}: what is revoked stays out`
  if (added.length === 0) {
    throw CommandError.refused(revoked.length > 0 ? leftOut : `${target} has every key of ${from} already`)
  }
  const ring = await changeRing(command, (before) =>
    added.reduce((next, key) => addOlderKey(next, key, { nowMs }), before),
  )
  await record(command, ...added.map(({ kid }) => ledgerEntry({ atMs: nowMs, event: 'key_added', kid })))
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
