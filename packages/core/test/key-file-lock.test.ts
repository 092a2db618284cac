import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { withKeyFileLock } from '../src/key-file-lock.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What happens to a lock file between two steps of this process. */
const meanwhile = vi.hoisted((): { [step in 'opens' | 'locks' | 'holds']?: (path: string) => void } => ({}))

vi.mock('node:sqlite', async (importOriginal) => {
  const { DatabaseSync } = await importOriginal<typeof import('node:sqlite')>()
  return {
    DatabaseSync: class extends DatabaseSync {
      readonly #path: string

      constructor(path: string, options: object) {
        meanwhile.opens?.(path)
        super(path, options)
        meanwhile.locks?.(path)
        this.#path = path
      }

      override exec(sql: string): void {
        super.exec(sql)
        meanwhile.holds?.(this.#path)
      }
    },
  }
})

/** A process that holds the lock of `path`. */
async function holderOf(path: string): Promise<ChildProcess> {
  const holder = fork(new URL('./lock-holder.ts', import.meta.url), [path], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  onTestFinished(() => {
    holder.kill('SIGKILL')
  })
  await once(holder, 'message')
  return holder
}

afterEach(() => {
  vi.restoreAllMocks()
})

test('withKeyFileLock gives what the work gives, or throws what it throws, and leaves nothing beside it', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'key')
  expect(await withKeyFileLock(path, async () => 'done')).toBe('done')
  const failing = withKeyFileLock(path, async () => {
    throw new Error('the work failed')
  })
  await expect(failing).rejects.toThrow('the work failed')
  expect(await withKeyFileLock(path, async () => 'done again')).toBe('done again')
  expect(await readdir(folder)).toEqual([])
})

test('withKeyFileLock needs no space on the disk: it only makes an empty file for its owner', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'key')
  const seen = await withKeyFileLock(path, async () => {
    const { size, mode } = await stat(`${path}.lock`)
    return { names: await readdir(folder), size, mode: (mode & 0o777).toString(8) }
  })
  expect(seen).toEqual({ names: ['key.lock'], size: 0, mode: '600' })
})

test('withKeyFileLock lets one after another work in one process, in the order they came', async () => {
  const path = join(await temporaryFolder(), 'key')
  const events: string[] = []
  const work = (name: number) =>
    withKeyFileLock(path, async () => {
      events.push(`${name} begins`)
      await readdir('.')
      events.push(`${name} ends`)
      if (name === 2) throw new Error('the others go on')
    })
  await Promise.allSettled([1, 2, 3, 4].map(work))
  expect(events).toEqual([1, 2, 3, 4].flatMap((name) => [`${name} begins`, `${name} ends`]))
})

test('withKeyFileLock keeps files apart: the lock of one does not hold up another', async () => {
  const folder = await temporaryFolder()
  const inner = await withKeyFileLock(join(folder, 'one'), () =>
    withKeyFileLock(join(folder, 'other'), async () => 'both are held'),
  )
  expect(inner).toBe('both are held')
})

test('withKeyFileLock waits until another process lets go', async () => {
  const path = join(await temporaryFolder(), 'key')
  const holder = await holderOf(path)
  const working = withKeyFileLock(path, () => readFile(path, 'utf8'))
  holder.send('written under the lock')
  expect(await working).toBe('written under the lock')
})

test('withKeyFileLock gets a lock at once whose holder was killed, and removes the file that was left', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'key')
  const holder = await holderOf(path)
  const exited = once(holder, 'exit')
  holder.kill('SIGKILL')
  await exited
  expect(await readdir(folder)).toEqual(['key.lock'])
  expect(await withKeyFileLock(path, async () => 'done')).toBe('done')
  expect(await readdir(folder)).toEqual([])
})

test('withKeyFileLock refuses after a while, and says which file holds it up, when nobody lets go', async () => {
  const path = join(await temporaryFolder(), 'key')
  await holderOf(path)
  vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(15_001)
  const refused = withKeyFileLock(path, async () => 'both at once')
  await expect(refused).rejects.toThrow(
    new KeyRingError(`is being changed by another process, which holds ${path}.lock; try again`),
  )
})

test.each([
  { when: 'opens', title: 'before SQLite opens it' },
  { when: 'locks', title: 'before SQLite locks it' },
  { when: 'holds', title: 'when SQLite has just locked it' },
] as const)('withKeyFileLock begins again when the lock file is removed $title', async ({ when }) => {
  const folder = await temporaryFolder()
  const path = join(folder, 'key')
  const removed: string[] = []
  meanwhile[when] = (lockPath) => {
    delete meanwhile[when]
    rmSync(lockPath)
    removed.push(lockPath)
  }
  const names = await withKeyFileLock(path, () => readdir(folder))
  expect(removed).toEqual([`${path}.lock`])
  expect(names).toEqual(['key.lock'])
  expect(await readdir(folder)).toEqual([])
})

test('withKeyFileLock removes what SQLite left beside the lock in a process that was killed', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'key')
  await writeFile(`${path}.lock`, '')
  await writeFile(`${path}.lock-journal`, 'half of a journal')
  expect(await withKeyFileLock(path, async () => 'done')).toBe('done')
  expect(await readdir(folder)).toEqual([])
})

test("withKeyFileLock says at once that a lock file is somebody else's, and leaves it", async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'key')
  await writeFile(`${path}.lock`, 'the notes of an operator\n'.repeat(50))
  const refused = withKeyFileLock(path, async () => 'done')
  await expect(refused).rejects.toThrow(
    new KeyRingError(
      `cannot be locked by way of ${path}.lock (file is not a database); remove that file when no holdfast command runs`,
    ),
  )
  expect(await readdir(folder)).toEqual(['key.lock'])
})

test('withKeyFileLock says what stands in its way when the lock cannot be made', async () => {
  const folder = await temporaryFolder()
  const inNoFolder = withKeyFileLock(join(folder, 'gone', 'key'), async () => 'done')
  await expect(inNoFolder).rejects.toMatchObject({ code: 'ENOENT' })
  const lockPath = join(folder, 'key.lock')
  for (const make of [
    () => mkdir(lockPath),
    () => symlink(join(folder, 'elsewhere'), lockPath),
    async () => execFileSync('mkfifo', [lockPath]),
  ]) {
    await make()
    const refused = withKeyFileLock(join(folder, 'key'), async () => 'done')
    await expect(refused).rejects.toThrow(
      new KeyRingError(`cannot be locked: ${lockPath} is no regular file; remove it`),
    )
    expect(await readdir(folder)).toEqual(['key.lock'])
    await rm(lockPath, { recursive: true })
  }
  expect(await withKeyFileLock(join(folder, 'key'), async () => 'done')).toBe('done')
})
