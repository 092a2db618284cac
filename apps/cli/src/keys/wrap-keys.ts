import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fingerprintOf, type KeyRingRecord, type KeySource } from '@holdfast/core'
import { wrappedKeySource } from '@holdfast/key-sources'
import { type KeyServiceName, keyServices } from '@holdfast/settings'
import { CommandError } from '../command-error.ts'
import type { Report } from '../report.ts'
import { type KeyCommand, loadRing } from './key-command.ts'

export interface WrapOptions {
  /** The service and the name that it has for the wrapping key, such as `vault:transit/holdfast`. */
  with: string
  out?: string
}

/** Writes the ring once more, wrapped by a key management service, and reads it back through that service. */
export async function wrapKeys(command: KeyCommand, options: WrapOptions): Promise<Report> {
  const { source, settings, keyService, nowMs } = command
  const { service, keyName } = parseWrappingKey(options.with)
  const path = resolve(options.out ?? join(settings.dataFolder, 'secret_key.wrapped.json'))
  // Before the service is asked: nothing is ever overwritten.
  if (existsSync(path)) {
    throw CommandError.refused(`${path} exists already; name another file with --out, or move this one away`)
  }
  const { record } = await loadRing(command)
  const target = { service, path, settings: keyService }
  await (await wrappedKeySource({ ...target, keyName })).put(record)
  try {
    // By a source that knows nothing yet, so that the service really unwraps it.
    await readBack(await wrappedKeySource(target), record, nowMs)
  } catch (error) {
    await rm(path)
    throw error
  }
  return {
    data: { path, service, keyName, ringId: record.ringId, epoch: record.epoch },
    text: [
      `The key ring is in ${path}, wrapped by ${service}, and was read back through it.`,
      `Now set SECRET_KEY_SOURCE=${service}:${path} and restart one process after another: nobody is signed out.`,
      settings.keySource.kind === 'wrapped'
        ? `Then remove ${source.name}: nothing needs it any more.`
        : `Then destroy ${source.name} and its backups: it still holds the keys in clear.`,
    ].join('\n'),
  }
}

/** @throws when a server that starts with the file would not have the ring */
async function readBack(wrapped: KeySource, record: KeyRingRecord, nowMs: number): Promise<void> {
  const found = await wrapped.load({ create: false, nowMs })
  if (fingerprintOf(found.record) !== fingerprintOf(record)) {
    throw CommandError.refused(`${wrapped.name} did not unwrap to the ring that was wrapped, and was removed`)
  }
}

function parseWrappingKey(text: string): { service: KeyServiceName; keyName: string } {
  const [, service, keyName] = /^([\w-]+):(.+)$/.exec(text) ?? []
  const known = keyServices.find((name) => name === service)
  if (known === undefined || keyName === undefined) {
    throw CommandError.refused(
      `--with expects a service and its key, such as vault:transit/holdfast; the services are ${keyServices.join(', ')}`,
    )
  }
  return { service: known, keyName }
}
