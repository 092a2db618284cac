import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { keyFileSource } from '../src/key-file.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import type { LoadedKeyRing } from '../src/key-source.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'
import { showing } from './secret-traces.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { withoutPrivileges } from './without-privileges.ts'

// How it is changed is in key-file-change.test.ts, with other processes in key-file-race.test.ts.

const nowMs = 1_000
const text = formatKeyRing(recordOf(keyOf('first'), keyOf('second', { state: 'staged' })))
let folder: string
let path: string

beforeEach(async () => {
  folder = await temporaryFolder()
  path = join(folder, 'secret_key.txt')
})

function load(create = true, at = path): Promise<LoadedKeyRing> {
  return keyFileSource({ path: at }).load({ create, nowMs })
}

async function permissionsOf(at: string): Promise<string> {
  return ((await stat(at)).mode & 0o777).toString(8)
}

describe('load, when there is no file,', () => {
  test('makes one of mode 600 that holds the new key, and nothing beside it', async () => {
    const sizes: number[] = []
    const random = (size: number) => {
      sizes.push(size)
      return secretOf('first').subarray(0, size)
    }
    const loaded = await keyFileSource({ path, random }).load({ create: true, nowMs })
    expect(loaded).toMatchObject({ created: true, concerns: [] })
    expect(loaded.record.keys).toEqual([keyOf('first', { createdAtMs: nowMs, signsFromMs: nowMs })])
    expect(new Set(sizes)).toEqual(new Set([5, 32]))
    expect(await readFile(path, 'utf8')).toBe(formatKeyRing(loaded.record))
    expect(await permissionsOf(path)).toBe('600')
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('makes secret_key.txt in a folder that it is given', async () => {
    expect((await load(true, folder)).created).toBe(true)
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('reads the same key again at the next start and makes no other', async () => {
    const first = await load()
    const bytes = await readFile(path)
    const again = await keyFileSource({ path }).load({ create: true, nowMs: nowMs + 86_400_000 })
    expect(again).toEqual({ ...first, created: false })
    expect(await readFile(path)).toEqual(bytes)
  })

  test('makes the folder too, for its owner only', async () => {
    const deep = join(folder, 'data', 'keys', 'secret_key.txt')
    expect((await load(true, deep)).created).toBe(true)
    expect(await permissionsOf(dirname(deep))).toBe('700')
  })

  test('makes one that many who come at once in one process share', async () => {
    const loaded = await Promise.all(Array.from({ length: 20 }, () => load()))
    expect(new Set(loaded.map(({ record }) => record.keys[0]?.kid)).size).toBe(1)
    expect(loaded.filter(({ created }) => created)).toHaveLength(1)
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('removes what a process left that was killed before the file had its name', async () => {
    await writeFile(`${path}.0123456789ab.tmp`, 'half of a ri')
    await writeFile(`${path}.lock`, '')
    expect((await load()).created).toBe(true)
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('refuses and makes nothing when it may not create', async () => {
    await expect(load(false)).rejects.toThrow(new KeyRingError(`${path} does not exist`))
    expect(await readdir(folder)).toEqual([])
  })

  test('refuses and makes nothing when its format cannot make a ring', async () => {
    const format = { parse: parseKeyRing, format: formatKeyRing, canCreate: false }
    const loading = keyFileSource({ path, format }).load({ create: true, nowMs })
    await expect(loading).rejects.toThrow(new KeyRingError(`${path} does not exist`))
    expect(await readdir(folder)).toEqual([])
  })

  test('leaves no file when there is no randomness to make a key from', async () => {
    const random = () => {
      throw new Error('no entropy')
    }
    await expect(keyFileSource({ path, random }).load({ create: true, nowMs })).rejects.toThrow('no entropy')
    expect(await readdir(folder)).toEqual([])
  })

  test('refuses a link that leads nowhere instead of making a key behind it', async () => {
    await symlink('gone', path)
    await expect(load()).rejects.toThrow(new KeyRingError(`${path} is a symbolic link that leads nowhere`))
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })
})

describe('load, when there is a file,', () => {
  test('reads the ring in it, however often', async () => {
    await writeFile(path, text, { mode: 0o600 })
    const expected = {
      record: recordOf(keyOf('first'), keyOf('second', { state: 'staged' })),
      created: false,
      concerns: [],
    }
    expect(await load(false)).toMatchObject(expected)
    expect(await load(true)).toMatchObject(expected)
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('reads the single line of an older app', async () => {
    await writeFile(path, `${secretOf('first').toString('hex')}\n`, { mode: 0o600 })
    expect((await load()).record).toEqual({ ringId: keyOf('first').kid, epoch: 0, keys: [keyOf('first')] })
  })

  test('reads it through links, as Kubernetes mounts it', async () => {
    await mkdir(join(folder, '..data'))
    await writeFile(join(folder, '..data', 'key'), text, { mode: 0o400 })
    await symlink('..data/key', path)
    const { record, concerns } = await load(false)
    expect(record.keys).toHaveLength(2)
    expect(concerns).toEqual([])
  })

  test('names the file in what makes it unsafe', async () => {
    await writeFile(path, text)
    await chmod(path, 0o644)
    const isOpen = `${path} can be read by other users of this machine; run: chmod 600 ${path}`
    expect((await load()).concerns).toEqual([isOpen])
  })

  test.each([
    { what: 'an empty file', content: '', fault: 'holds a key that is empty' },
    { what: 'half of a ring', content: text.slice(0, text.length / 2), fault: 'its JSON does not parse' },
    {
      what: 'an edited ring',
      content: text.replace('staged', 'active'),
      fault: 'does not match its checksum',
    },
    {
      what: 'a key with a byte order mark',
      content: `\ufeff${secretOf('first').toString('hex')}`,
      fault: 'byte order mark',
    },
    { what: 'a short key', content: 'hunter2', fault: 'is shorter than 32 bytes' },
    { what: 'a placeholder', content: 'changeme\n', fault: 'is a placeholder' },
    { what: '32 random bytes, not text', content: secretOf('first'), fault: 'is not UTF-8 text' },
    { what: 'more than 64 KiB', content: ' '.repeat(65_537), fault: 'is larger than 64 KiB' },
  ])('refuses $what by name, shows no key and leaves it as it was', async ({ content, fault }) => {
    await writeFile(path, content)
    const error = await load().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(KeyRingError)
    const { message } = error as KeyRingError
    expect(message.startsWith(`${path} `)).toBe(true)
    expect(message).toContain(fault)
    expect(showing(secretOf('first'), [message])).toEqual([])
    expect(await readFile(path)).toEqual(Buffer.from(content))
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('refuses a folder where the file should be', async () => {
    await mkdir(join(folder, 'secret_key.txt'))
    await expect(load(true, folder)).rejects.toThrow(new KeyRingError(`${path} is not a regular file`))
  })

  test('refuses a file that this user may not read, and says who that is', async () => {
    await writeFile(path, text)
    await chmod(path, 0o000)
    const refused = await withoutPrivileges(() => load().catch((error: unknown) => error))
    expect(refused).toBeInstanceOf(KeyRingError)
    expect(String(refused)).toContain(
      `${path} cannot be read or written by this user (uid ${process.getuid?.()})`,
    )
  })

  test.each([
    { what: 'below a file', at: () => join(path, 'key'), code: 'ENOTDIR' },
    { what: 'with a name that is too long', at: () => join(folder, 'k'.repeat(256)), code: 'ENAMETOOLONG' },
  ])('refuses a path $what', async ({ at, code }) => {
    await writeFile(path, text)
    const fault = `${at()} cannot be used (${code}); name another path`
    await expect(load(true, at())).rejects.toThrow(new KeyRingError(fault))
  })
})

describe('put', () => {
  test('writes a ring where there is none, for its owner only', async () => {
    await keyFileSource({ path }).put(recordOf(keyOf('first')))
    expect(await readFile(path, 'utf8')).toBe(formatKeyRing(recordOf(keyOf('first'))))
    expect(await permissionsOf(path)).toBe('600')
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('refuses where something is, whatever it is, and leaves it', async () => {
    await writeFile(path, 'not even a ring')
    const put = keyFileSource({ path }).put(recordOf(keyOf('first')))
    await expect(put).rejects.toThrow(new KeyRingError(`${path} exists already; nothing was written`))
    expect(await readFile(path, 'utf8')).toBe('not even a ring')
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })
})
