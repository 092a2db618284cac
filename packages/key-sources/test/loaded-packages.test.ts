import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createKeyRingRecord, keyFileSource, wrappedFormat } from '@holdfast/core'
import { beforeAll, expect, test } from 'vitest'
import type { KeySourceChoice } from '../src/choose-key-source.ts'

const run = promisify(execFile)
const services = ['aws-kms', 'azure-key-vault', 'gcp-kms', 'vault-transit'] as const
const sdks = /@aws-sdk|@smithy|@azure\/|@google-cloud|google-gax|grpc/

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-loaded-'))
  return () => rm(folder, { recursive: true, force: true })
})

/** Every module that a process of its own loads to read this source. */
async function modulesFor(choice: KeySourceChoice): Promise<string[]> {
  const script = join(import.meta.dirname, 'print-loaded-modules.ts')
  const { stdout } = await run(process.execPath, [script, JSON.stringify(choice)])
  return stdout.split('\n')
}

const ownPackages = (modules: string[]) =>
  services.filter((service) => modules.some((url) => url.includes(`/packages/${service}/`)))

test.each<[string, () => KeySourceChoice]>([
  ['env:', () => ({ kind: 'texts', signer: { name: 'SECRET_KEY', text: '0123456789abcdef'.repeat(4) } })],
  ['a file', () => ({ kind: 'path', path: join(folder, 'secret_key.txt') })],
])(
  'a key ring from %s loads no package of a key service, no SDK and nothing to ask again with',
  async (_name, choice) => {
    const modules = await modulesFor(choice())

    expect(modules.some((url) => url.endsWith('/key-sources/src/open-key-source.ts'))).toBe(true)
    expect(modules.filter((url) => sdks.test(url))).toEqual([])
    expect(ownPackages(modules)).toEqual([])
    expect(modules.filter((url) => url.includes('/p-retry/'))).toEqual([])
  },
)

test.each([
  ['aws-kms', 'aws-kms'],
  ['azure-key-vault', 'azure-key-vault'],
  ['gcp-kms', 'gcp-kms'],
  ['vault', 'vault-transit'],
] as const)(
  'a key ring from %s: loads the package of that service and of no other',
  async (service, name) => {
    const path = join(folder, `${service}.json`)
    await keyFileSource({
      path,
      format: wrappedFormat({
        service,
        keyName: 'any',
        callWrapper: (call) =>
          call(
            {
              wrap: async (keyName, dataKey) => ({ keyName, wrapped: dataKey }),
              unwrap: async ({ wrapped }) => wrapped,
            },
            new AbortController().signal,
          ),
      }),
    }).put(createKeyRingRecord(1_700_000_000_000))

    expect(ownPackages(await modulesFor({ kind: 'wrapped', service, path }))).toEqual([name])
  },
)
