import { writeFileSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type KeyFileSource, keyFileSource } from '../src/key-file.ts'
import { addOlderKey, rotateKeys } from '../src/key-ring-changes.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import type { KeyRingRecord } from '../src/key-ring-record.ts'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withoutPrivileges } from './without-privileges.ts'

const nowMs = 1_000
const before = recordOf(keyOf('first'))
const rotate = (ring: KeyRingRecord) => rotateKeys(ring, { nowMs, signsFromMs: 2_000 })
let folder: string
let path: string
let source: KeyFileSource

beforeEach(async () => {
  folder = await temporaryFolder()
  path = join(folder, 'secret_key.txt')
  source = keyFileSource({ path })
  await writeFile(path, formatKeyRing(before), { mode: 0o600 })
})

async function ringThere(): Promise<KeyRingRecord> {
  return parseKeyRing(await readFile(path, 'utf8'))
}

async function permissions(): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

describe('change', () => {
  test('writes the ring that it resolves with, in a file of the same mode and with nothing beside it', async () => {
    const after = await source.change(rotate)
    expect(after.keys.map((key) => key.state)).toEqual(['active', 'staged'])
    expect(await ringThere()).toEqual(after)
    expect(await permissions()).toBe('600')
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('is given what is in the file, not what was loaded before', async () => {
    await source.load({ create: false, nowMs })
    await writeFile(path, formatKeyRing({ ...before, epoch: 7 }))
    expect((await source.change(rotate)).epoch).toBe(8)
  })

  test('upgrades the single line of an older app at its first rotation: same kid, same ring id', async () => {
    await writeFile(path, `${secretOf('first').toString('hex')}\n`)
    const loaded = await source.load({ create: false, nowMs })
    const after = await source.change(rotate)
    expect(after).toMatchObject({ ringId: loaded.record.ringId, epoch: 1 })
    expect(after.keys[0]).toEqual(loaded.record.keys[0])
    expect(await ringThere()).toEqual(after)
    expect(await permissions()).toBe('600')
  })

  test('removes what processes left that were killed while they changed the ring', async () => {
    await writeFile(`${path}.0123456789ab.tmp`, formatKeyRing(before).slice(0, 50))
    await writeFile(`${path}.ba9876543210.tmp`, '')
    await writeFile(`${path}.lock`, '')
    await source.change(rotate)
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('leaves the very same file where the change comes to nothing', async () => {
    const { ino } = await stat(path)
    expect(await source.change((ring) => ({ ...ring }))).toEqual(before)
    expect((await stat(path)).ino).toBe(ino)
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('loses none of many changes at once, through two sources in one process', async () => {
    const sources = [source, keyFileSource({ path }), keyFileSource({ path: folder })]
    const names = Array.from({ length: 30 }, (_, index) => `older ${index}`)
    await Promise.all(
      names.map((name, index) =>
        sources[index % 3]?.change((ring) => addOlderKey(ring, keyOf(name), { nowMs })),
      ),
    )
    const ring = await ringThere()
    expect(ring.epoch).toBe(before.epoch + 30)
    const kids = ['first', ...names].map((name) => keyOf(name).kid)
    expect(ring.keys.map((key) => key.kid).sort()).toEqual(kids.sort())
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('lets somebody who loads meanwhile see the ring before or after it, and nothing else', async () => {
    let isChanging = true
    const changing = (async () => {
      for (let round = 0; round < 20; round++) {
        await source.change((ring) => ({ ...ring, epoch: ring.epoch + 1 }))
      }
      isChanging = false
    })()
    let epoch = before.epoch
    while (isChanging) {
      const { record } = await source.load({ create: true, nowMs })
      expect(record.epoch).toBeGreaterThanOrEqual(epoch)
      expect(record).toEqual({ ...before, epoch: record.epoch })
      epoch = record.epoch
    }
    await changing
    expect((await ringThere()).epoch).toBe(before.epoch + 20)
  })

  test('passes the refusal of the change on with the name of the file, and writes nothing', async () => {
    await source.change(rotate)
    const text = await readFile(path, 'utf8')
    await expect(source.change(rotate)).rejects.toThrow(`${path} is being rotated already: key `)
    expect(await readFile(path, 'utf8')).toBe(text)
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })
})

describe('change refuses', () => {
  const byHand = formatKeyRing({ ...before, epoch: 9 })

  test.each([
    {
      edit: 'changes the ring',
      text: byHand,
      fault: 'was changed by somebody else meanwhile; nothing was written',
    },
    { edit: 'breaks the ring', text: 'oops', fault: 'is shorter than 32 bytes' },
  ])(
    'when somebody $edit by hand between reading and writing, and their edit stays',
    async ({ text, fault }) => {
      const change = source.change((ring) => {
        writeFileSync(path, text)
        return rotate(ring)
      })
      await expect(change).rejects.toThrow(fault)
      expect(await readFile(path, 'utf8')).toBe(text)
      expect(await readdir(folder)).toEqual(['secret_key.txt'])
    },
  )

  test('when somebody removes the file meanwhile, and makes no other', async () => {
    const format = {
      parse: parseKeyRing,
      format: async (ring: KeyRingRecord) => {
        await rm(path)
        return formatKeyRing(ring)
      },
      canCreate: true,
    }
    await expect(keyFileSource({ path, format }).change(rotate)).rejects.toThrow(
      'was changed by somebody else',
    )
    expect(await readdir(folder)).toEqual([])
  })

  test('where there is no ring: it makes none', async () => {
    await rm(path)
    const fault = new KeyRingError(`${path} does not exist`)
    await expect(source.change(rotate)).rejects.toThrow(fault)
    expect(await readdir(folder)).toEqual([])
  })

  test('where there is not even the folder, with the same words', async () => {
    const deep = join(folder, 'gone', 'secret_key.txt')
    const change = keyFileSource({ path: deep }).change(rotate)
    await expect(change).rejects.toThrow(new KeyRingError(`${deep} does not exist`))
  })

  test('where the ring is mounted by way of a link', async () => {
    await mkdir(join(folder, '..data'))
    await writeFile(join(folder, '..data', 'ring'), formatKeyRing(before))
    await symlink('..data/ring', join(folder, 'mounted'))
    const change = keyFileSource({ path: join(folder, 'mounted') }).change(rotate)
    await expect(change).rejects.toThrow('is mounted: change the ring where it is mounted from')
    expect(await readFile(join(folder, '..data', 'ring'), 'utf8')).toBe(formatKeyRing(before))
  })

  test('where this user may not write to the folder, and says so', async () => {
    await chmod(folder, 0o555)
    await chmod(path, 0o444)
    const refused = await withoutPrivileges(() => source.change(rotate).catch((error: unknown) => error))
    await chmod(folder, 0o700)
    expect(refused).toBeInstanceOf(KeyRingError)
    expect(String(refused)).toContain(`${path} cannot be read or written by this user`)
    expect(await ringThere()).toEqual(before)
  })
})
