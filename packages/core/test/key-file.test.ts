import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LoadedKeyFile, loadKeyFile } from '../src/key-file.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import { formatKeyRing } from '../src/key-ring-text.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'
import { showing } from './secret-traces.ts'

const nowMs = 1_000
const text = formatKeyRing(recordOf(keyOf('first'), keyOf('second', { state: 'staged' })))
let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-key-file-'))
  path = join(folder, 'secret_key.txt')
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

function load(create = true, at = path): Promise<LoadedKeyFile> {
  return loadKeyFile({ path: at, create, nowMs })
}

async function permissionsOf(at: string): Promise<string> {
  return ((await stat(at)).mode & 0o777).toString(8)
}

describe('loadKeyFile, when there is no file,', () => {
  test('makes one of mode 600 that holds the new key, and nothing beside it', async () => {
    const sizes: number[] = []
    const random = (size: number) => {
      sizes.push(size)
      return secretOf('first').subarray(0, size)
    }
    const loaded = await loadKeyFile({ path, create: true, nowMs, random })
    expect(loaded).toMatchObject({ created: true, isExposed: false })
    expect(loaded.record.keys).toEqual([keyOf('first', { createdAtMs: nowMs, signsFromMs: 0 })])
    expect(new Set(sizes)).toEqual(new Set([5, 32]))
    expect(await readFile(path, 'utf8')).toBe(formatKeyRing(loaded.record))
    expect(await permissionsOf(path)).toBe('600')
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })

  test('reads the same key again at the next start and makes no other', async () => {
    const first = await load()
    const bytes = await readFile(path)
    const again = await loadKeyFile({ path, create: true, nowMs: nowMs + 86_400_000 })
    expect(again).toEqual({ ...first, created: false })
    expect(await readFile(path)).toEqual(bytes)
  })

  test('makes the folder too, for its owner only', async () => {
    const deep = join(folder, 'data', 'keys', 'secret_key.txt')
    expect((await load(true, deep)).created).toBe(true)
    expect(await permissionsOf(dirname(deep))).toBe('700')
  })

  test('refuses and makes nothing when it may not create', async () => {
    await expect(load(false)).rejects.toThrow(new KeyRingError(`${path} does not exist`))
    expect(await readdir(folder)).toEqual([])
  })

  test('leaves no file when there is no randomness to make a key from', async () => {
    const random = () => {
      throw new Error('no entropy')
    }
    await expect(loadKeyFile({ path, create: true, nowMs, random })).rejects.toThrow('no entropy')
    expect(await readdir(folder)).toEqual([])
  })

  test('refuses a link that points nowhere instead of making a key behind it', async () => {
    await symlink(join(folder, 'gone'), path)
    await expect(load()).rejects.toThrow(KeyRingError)
    expect(await readdir(folder)).toEqual(['secret_key.txt'])
  })
})

describe('loadKeyFile, when there is a file,', () => {
  test('reads the ring in it', async () => {
    await writeFile(path, text, { mode: 0o600 })
    expect(await load(false)).toEqual({
      record: recordOf(keyOf('first'), keyOf('second', { state: 'staged' })),
      created: false,
      isExposed: false,
    })
  })

  test('reads the single line of an older app', async () => {
    await writeFile(path, `${secretOf('first').toString('hex')}\n`, { mode: 0o600 })
    expect((await load()).record.keys).toEqual([keyOf('first')])
  })

  test('reads it through links, as Kubernetes mounts it', async () => {
    await mkdir(join(folder, '..data'))
    await writeFile(join(folder, '..data', 'key'), text)
    await symlink('..data/key', path)
    expect((await load(false)).record.keys).toHaveLength(2)
  })

  test.each([
    { mode: '600', isExposed: false },
    { mode: '400', isExposed: false },
    { mode: '644', isExposed: true },
    { mode: '640', isExposed: true },
    { mode: '620', isExposed: true },
    { mode: '604', isExposed: true },
    { mode: '666', isExposed: true },
  ])('says isExposed $isExposed for mode $mode', async ({ mode, isExposed }) => {
    await writeFile(path, text)
    await chmod(path, mode)
    expect((await load()).isExposed).toBe(isExposed)
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

  test.each([
    { what: 'a folder', make: () => mkdir(path) },
    { what: 'a FIFO', make: async () => execFileSync('/usr/bin/mkfifo', [path]) },
    { what: 'a device', make: () => symlink('/dev/zero', path) },
  ])('refuses $what', async ({ make }) => {
    await make()
    await expect(load()).rejects.toThrow(new KeyRingError(`${path} is not a regular file`))
  })

  test('refuses a link that leads to itself', async () => {
    await symlink(path, path)
    await expect(load()).rejects.toThrow('ELOOP')
  })
})

describe('loadKeyFile, in twelve processes at once,', () => {
  interface Answer {
    kids: string[]
    created: boolean
  }
  let processes: ChildProcess[]

  beforeEach(async () => {
    processes = Array.from({ length: 12 }, () =>
      fork(new URL('./key-creator.ts', import.meta.url), { execArgv: [] }),
    )
    await Promise.all(processes.map((each) => once(each, 'message')))
  })

  afterEach(async () => {
    const running = processes.filter((each) => each.exitCode === null && each.signalCode === null)
    const exits = running.map((each) => once(each, 'exit'))
    for (const each of running) each.kill()
    await Promise.all(exits)
  })

  /** What a process answers; `undefined` when it ends first. */
  async function answerOf(each: ChildProcess): Promise<Answer | undefined> {
    const settled = new AbortController()
    const [answer] = await Promise.race([
      once(each, 'message', settled),
      once(each, 'exit', settled).then(() => []),
    ])
    settled.abort()
    return answer
  }

  /** Sends all of them off together. */
  function race(at: string): Promise<(Answer | undefined)[]> {
    const answers = processes.map(answerOf)
    for (const each of processes) each.send(at)
    return Promise.all(answers)
  }

  test('makes one key that all of them use, and leaves nothing beside it', async () => {
    for (let round = 0; round < 10; round++) {
      const at = join(folder, String(round), 'secret_key.txt')
      const answers = await race(at)
      const { record } = await load(false, at)
      const kids = record.keys.map((key) => key.kid)
      expect(answers.map((answer) => answer?.kids)).toEqual(new Array(12).fill(kids))
      expect(answers.filter((answer) => answer?.created)).toHaveLength(1)
      expect(await readdir(dirname(at))).toEqual(['secret_key.txt'])
      expect(await permissionsOf(at)).toBe('600')
    }
  }, 30_000)

  test('never leaves half a key or a second one when some are killed on the way', async () => {
    const racing = race(path)
    for (const [index, each] of processes.entries()) if (index % 3 === 0) each.kill('SIGKILL')
    const answers = (await racing).filter((answer) => answer !== undefined)
    expect(answers.length).toBeGreaterThanOrEqual(8)
    const { record, created } = await load()
    expect(created).toBe(false)
    const kids = record.keys.map((key) => key.kid)
    expect(answers.map((answer) => answer.kids)).toEqual(answers.map(() => kids))
  }, 30_000)
})
