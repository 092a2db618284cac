import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { KeyRingError } from '../src/key-ring-error.ts'
import type { KeyRingRecord } from '../src/key-ring-record.ts'
import { keyTextsSource } from '../src/key-texts-source.ts'
import { keyOf, secretOf } from './rings.ts'
import { showing } from './secret-traces.ts'
import { temporaryFolder } from './temporary-folder.ts'

const hex = (name: string) => secretOf(name).toString('hex')
const options = { create: true, nowMs: 1_000 }
let folder: string
let path: string
let olderPath: string

beforeEach(async () => {
  folder = await temporaryFolder()
  path = join(folder, 'signer')
  olderPath = join(folder, 'older')
})

function fromFiles() {
  return keyTextsSource({
    signer: { name: 'SECRET_KEY_FILE', path },
    fallbacks: { name: 'SECRET_KEY_FALLBACKS_FILE', path: olderPath },
  })
}

function namesOf({ keys }: KeyRingRecord): string[] {
  const known = new Map(['first', 'second', 'third'].map((name) => [keyOf(name).kid, name]))
  return keys.map(({ kid, state }) => `${known.get(kid)} ${state}`)
}

async function put(at: string, text: string): Promise<void> {
  await writeFile(at, text, { mode: 0o600 })
}

test('a source of texts gives the ring that they describe, makes nothing and has no concerns', async () => {
  const source = keyTextsSource({
    signer: { name: 'SECRET_KEY', text: hex('first') },
    fallbacks: { name: 'SECRET_KEY_FALLBACKS', text: hex('second') },
  })
  expect(source.name).toBe('SECRET_KEY')
  expect(await source.load(options)).toEqual({
    record: {
      ringId: keyOf('first').kid,
      epoch: 0,
      keys: [keyOf('first'), keyOf('second', { state: 'retired' })],
    },
    created: false,
    concerns: [],
  })
})

test('a source of texts needs no fallbacks', async () => {
  const source = keyTextsSource({ signer: { name: 'SECRET_KEY', text: hex('first') } })
  expect(namesOf((await source.load(options)).record)).toEqual(['first active'])
})

describe('a source of files', () => {
  test('reads both at each load, so that a rotation needs no new start', async () => {
    await put(path, `${hex('first')}\n`)
    await put(olderPath, '')
    const source = fromFiles()
    expect(namesOf((await source.load(options)).record)).toEqual(['first active'])
    await put(join(folder, 'next'), hex('second'))
    await rename(join(folder, 'next'), path)
    await put(olderPath, `${hex('third')}\n${hex('first')}\n`)
    expect(namesOf((await source.load(options)).record)).toEqual([
      'second active',
      'third retired',
      'first retired',
    ])
  })

  test('tells who else can read which of them', async () => {
    await put(path, hex('first'))
    await put(olderPath, hex('second'))
    await chmod(olderPath, '644')
    const { concerns } = await fromFiles().load(options)
    expect(concerns).toEqual([
      `${olderPath} can be read by other users of this machine; run: chmod 600 ${olderPath}`,
    ])
  })

  test.each([
    { which: 'the signer', missing: () => path, name: 'SECRET_KEY_FILE' },
    { which: 'the fallbacks', missing: () => olderPath, name: 'SECRET_KEY_FALLBACKS_FILE' },
  ])('refuses by name when the file of $which is missing', async ({ missing, name }) => {
    await put(path, hex('first'))
    await put(olderPath, hex('second'))
    await rm(missing())
    const fault = new KeyRingError(`${name}: ${missing()} does not exist`)
    await expect(fromFiles().load(options)).rejects.toThrow(fault)
  })

  test('refuses by name when it is no file, and when its folder is none', async () => {
    await mkdir(path)
    const isFolder = new KeyRingError(`SECRET_KEY_FILE: ${path} is not a regular file`)
    await expect(fromFiles().load(options)).rejects.toThrow(isFolder)
    await put(olderPath, hex('second'))
    const below = join(olderPath, 'key')
    const source = keyTextsSource({ signer: { name: 'SECRET_KEY_FILE', path: below } })
    const isMissing = new KeyRingError(`SECRET_KEY_FILE: ${below} does not exist`)
    await expect(source.load(options)).rejects.toThrow(isMissing)
  })

  test('names the variable of a key that cannot be used, and shows no part of it', async () => {
    await put(path, ` ${hex('first')}`)
    await put(olderPath, hex('second').slice(0, 40))
    const fault = await fromFiles()
      .load(options)
      .catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(KeyRingError)
    const { faults } = fault as KeyRingError
    expect(faults.map((each) => each.split(';')[0])).toEqual([
      'SECRET_KEY_FILE: has white space or a byte order mark around it',
      'SECRET_KEY_FALLBACKS_FILE (number 1): is shorter than 32 bytes',
    ])
    expect(showing(secretOf('first'), faults)).toEqual([])
    expect(showing(secretOf('second'), faults)).toEqual([])
  })
})

test('a source of texts refuses every change, and says where the keys are kept', async () => {
  const source = keyTextsSource({ signer: { name: 'SECRET_KEY', text: hex('first') } })
  await expect(source.change((ring) => ring)).rejects.toThrow(
    'SECRET_KEY is not kept by Holdfast: put the new key in SECRET_KEY and the older one in SECRET_KEY_FALLBACKS',
  )
})
