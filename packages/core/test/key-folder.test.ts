import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { keySourceAt } from '../src/key-folder.ts'
import { rotateKeys } from '../src/key-ring-changes.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import { formatKeyRing } from '../src/key-ring-text.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'
import { temporaryFolder } from './temporary-folder.ts'

const hex = (name: string) => secretOf(name).toString('hex')
const nowMs = 1_000
const options = { create: false, nowMs }
const ringText = formatKeyRing(recordOf(keyOf('first')))
let folder: string

beforeEach(async () => {
  folder = await temporaryFolder()
})

async function put(files: Record<string, string>, into = folder): Promise<void> {
  await mkdir(into, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(into, name), text, { mode: 0o600 })
}

async function kidsAt(path: string): Promise<string[]> {
  return (await keySourceAt(path).load(options)).record.keys.map((key) => key.kid)
}

describe('keySourceAt', () => {
  test('is named by its path', () => {
    expect(keySourceAt(folder).name).toBe(folder)
  })

  test('reads a file', async () => {
    await put({ 'my.key': ringText })
    expect(await kidsAt(join(folder, 'my.key'))).toEqual([keyOf('first').kid])
  })

  test('reads secret_key.txt in a folder', async () => {
    await put({ 'secret_key.txt': ringText, 'unrelated.txt': 'hello' })
    expect(await kidsAt(folder)).toEqual([keyOf('first').kid])
  })

  test('reads SECRET_KEY in a folder, alone or with SECRET_KEY_FALLBACKS', async () => {
    await put({ SECRET_KEY: hex('first') })
    expect(await kidsAt(folder)).toEqual([keyOf('first').kid])
    await put({ SECRET_KEY_FALLBACKS: `${hex('second')}\n${hex('third')}\n` })
    expect(await kidsAt(folder)).toEqual(['first', 'second', 'third'].map((name) => keyOf(name).kid))
  })

  test('refuses a folder with both SECRET_KEY and secret_key.txt, to load and to change', async () => {
    await put({ SECRET_KEY: hex('first'), 'secret_key.txt': ringText })
    const fault = new KeyRingError(`${folder} holds both SECRET_KEY and secret_key.txt; keep exactly one`)
    await expect(keySourceAt(folder).load(options)).rejects.toThrow(fault)
    await expect(keySourceAt(folder).change((ring) => ring)).rejects.toThrow(fault)
  })

  test('refuses an empty folder and names the file that it misses', async () => {
    const fault = new KeyRingError(`${join(folder, 'secret_key.txt')} does not exist`)
    await expect(keySourceAt(folder).load(options)).rejects.toThrow(fault)
  })

  test('refuses a folder with only SECRET_KEY_FALLBACKS: nothing in it signs', async () => {
    await put({ SECRET_KEY_FALLBACKS: hex('first') })
    await expect(keySourceAt(folder).load(options)).rejects.toThrow('secret_key.txt does not exist')
  })

  test('makes secret_key.txt in an empty folder when it may, and changes it', async () => {
    const source = keySourceAt(folder)
    const { created, record } = await source.load({ create: true, nowMs })
    expect(created).toBe(true)
    const rotated = await source.change((ring) => rotateKeys(ring, { nowMs, signsFromMs: 2_000 }))
    expect(rotated.epoch).toBe(record.epoch + 1)
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('never changes a folder with SECRET_KEY', async () => {
    await put({ SECRET_KEY: hex('first') })
    const change = keySourceAt(folder).change((ring) => rotateKeys(ring, { nowMs, signsFromMs: 2_000 }))
    await expect(change).rejects.toThrow('SECRET_KEY is not kept by Holdfast')
    expect(await readdir(folder)).toEqual(['SECRET_KEY'])
  })

  test('looks again at each load: a folder that is mounted later is found', async () => {
    const later = join(folder, 'later')
    const source = keySourceAt(later)
    await expect(source.load(options)).rejects.toThrow(`${later} does not exist`)
    await put({ SECRET_KEY: hex('first') }, later)
    expect((await source.load(options)).record.ringId).toBe(keyOf('first').kid)
  })
})

describe('keySourceAt of a mount of Kubernetes', () => {
  async function mount(version: string, files: Record<string, string>): Promise<void> {
    await put(files, join(folder, version))
    await symlink(version, join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  }

  test('reads a ring through its links, follows the next version and changes neither', async () => {
    await mount('..1', { 'secret_key.txt': ringText })
    await symlink('..data/secret_key.txt', join(folder, 'secret_key.txt'))
    const source = keySourceAt(folder)
    expect((await source.load(options)).record.epoch).toBe(3)
    await mount('..2', { 'secret_key.txt': formatKeyRing({ ...recordOf(keyOf('first')), epoch: 4 }) })
    await rm(join(folder, '..1'), { recursive: true })
    expect((await source.load(options)).record.epoch).toBe(4)
    await expect(source.change((ring) => ({ ...ring, epoch: 5 }))).rejects.toThrow(
      'is mounted: change the ring where it is mounted from',
    )
    expect((await readdir(folder)).sort()).toEqual(['..2', '..data', 'secret_key.txt'])
  })

  test('reads SECRET_KEY and SECRET_KEY_FALLBACKS through their links', async () => {
    await mount('..1', { SECRET_KEY: hex('first'), SECRET_KEY_FALLBACKS: hex('second') })
    for (const name of ['SECRET_KEY', 'SECRET_KEY_FALLBACKS']) {
      await symlink(`..data/${name}`, join(folder, name))
    }
    expect(await kidsAt(folder)).toEqual([keyOf('first').kid, keyOf('second').kid])
  })
})
