import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Installation } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { keyServices } from './key-service.ts'
import { createWrappedInstallation } from './wrapped-installation.ts'

const vendors =
  /@aws-sdk|@smithy|@azure\/|@google-cloud|google-gax|grpc|\/packages\/(aws-kms|azure-key-vault|gcp-kms|vault-transit)\//

/** A module for `node --import` that writes down the address of every module the process loads. */
const recorder = `
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, nextLoad) {
    appendFileSync(process.env.LOADED_MODULES, url + '\\n')
    return nextLoad(url, context)
  },
})`

/** A module for \`node --import\` by which one package is not installed. */
const without = (missing: string) => `
import { registerHooks } from 'node:module'
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== '${missing}') return nextResolve(specifier, context)
    throw Object.assign(new Error("Cannot find package '${missing}'"), { code: 'ERR_MODULE_NOT_FOUND' })
  },
})`

async function importing({ folder }: Installation, source: string): Promise<Record<string, string>> {
  const path = join(folder, 'hook.mjs')
  await writeFile(path, source)
  return { NODE_OPTIONS: `--import=${path}`, LOADED_MODULES: join(folder, 'loaded.txt') }
}

async function modulesOfStart(holdfast: Installation, env: Record<string, string> = {}): Promise<string[]> {
  const hook = await importing(holdfast, recorder)
  const server = await holdfast.start({ env: { ...hook, ...env } })
  await server.process.stop()
  const modules = (await readFile(join(holdfast.folder, 'loaded.txt'), 'utf8')).split('\n')
  expect(modules.filter((url) => url.endsWith('/apps/api/src/main.ts'))).toHaveLength(1)
  expect(modules.length).toBeGreaterThan(100)
  return modules.filter((url) => vendors.test(url))
}

test.each([
  { source: 'a file, by default', env: {} },
  { source: 'SECRET_KEY', env: { SECRET_KEY: '0123456789abcdef'.repeat(4) } },
])('a server whose keys come from $source loads nothing of any key service', async ({ env }) => {
  expect(await modulesOfStart(await createInstallation(), env)).toEqual([])
})

test('a server whose ring Vault has wrapped loads its package and no SDK', async () => {
  const holdfast = await createWrappedInstallation(await keyServices.vault())

  const loaded = await modulesOfStart(holdfast)

  expect(loaded.length).toBeGreaterThan(0)
  expect(loaded.filter((url) => !url.includes('/packages/vault-transit/src/'))).toEqual([])
})

test('a server whose ring AWS KMS has wrapped loads the SDK of AWS and no other', async () => {
  const holdfast = await createWrappedInstallation(await keyServices['aws-kms']())

  const loaded = await modulesOfStart(holdfast)

  expect(loaded.some((url) => url.includes('/node_modules/@aws-sdk/client-kms/'))).toBe(true)
  expect(loaded.filter((url) => !/@aws-sdk|@smithy|\/packages\/aws-kms\/src\//.test(url))).toEqual([])
})

test.each([
  ['aws-kms', '@holdfast/aws-kms', '@holdfast/aws-kms'],
  ['aws-kms', '@holdfast/aws-kms', '@aws-sdk/client-kms'],
  ['vault', '@holdfast/vault-transit', '@holdfast/vault-transit'],
] as const)(
  'a start with %s: names the package %s when %s is not installed',
  async (name, named, missing) => {
    const holdfast = await createWrappedInstallation(await keyServices[name]())
    const env = await importing(holdfast, without(missing))

    const server = holdfast.launch({ env })

    expect(await server.exited).toBe(78)
    expect(server.stderr).toMatch(
      new RegExp(
        `^holdfast cannot start: key ring: SECRET_KEY_SOURCE: ${name}: needs the package ${named}, which is not installed; .*install.*\n$`,
      ),
    )
    expect(await holdfast.commandWith({ env }, 'keys', 'list')).toMatchObject({
      exitCode: 78,
      stderr: expect.stringMatching(
        new RegExp(`^holdfast: .*needs the package ${named}, which is not installed`),
      ),
    })
    await (await holdfast.start()).process.stop()
  },
)
