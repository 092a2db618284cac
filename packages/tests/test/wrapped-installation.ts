import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Installation } from '@holdfast/drill'
import { wrappedKeySource } from '@holdfast/key-sources'
import { expect } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import type { KeyService } from './key-service.ts'

/** Settings for a start or a command that is to work on the ring in clear. */
export const inClear = { env: { SECRET_KEY_SOURCE: '' } }

export interface WrappedInstallation extends Installation {
  wrappedFile: string
  /** The kid of the one key of the ring. */
  kid: string
  /** The secrets of the ring as it is now, by way of the service. */
  readSecrets(): Promise<Uint8Array[]>
}

/** An installation whose ring was made in clear, then wrapped by the service; the one in clear is destroyed. */
export async function createWrappedInstallation(
  service: KeyService,
  settings: Record<string, string> = {},
): Promise<WrappedInstallation> {
  const holdfast = await createInstallation({
    ...service.env,
    SECRET_KEY_SOURCE: `${service.name}:`,
    KEY_RELOAD_SECONDS: '300',
    KEY_SERVICE_WAIT_SECONDS: '60',
    ...settings,
  })
  const wrappedFile = join(holdfast.dataFolder, 'secret_key.wrapped.json')
  const first = await holdfast.start(inClear)
  await first.process.stop()
  const { keys } = JSON.parse(await readFile(holdfast.keyFile, 'utf8'))
  const wrapped = await holdfast.commandWith(inClear, 'keys', 'wrap', '--with', service.wrappingKey)
  expect(wrapped).toMatchObject({ exitCode: 0, stderr: '' })
  await rm(holdfast.keyFile)
  return {
    ...holdfast,
    wrappedFile,
    kid: keys[0].kid,
    async readSecrets() {
      const source = await wrappedKeySource({
        service: service.name,
        path: wrappedFile,
        settings: { environment: { ...service.env, ...service.directEnv }, waitMs: 60_000 },
      })
      const { record } = await source.load({ create: false, nowMs: Date.now() })
      return record.keys.flatMap(({ secret }) => (secret === null ? [] : [secret]))
    },
  }
}
