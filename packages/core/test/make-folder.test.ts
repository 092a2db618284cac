import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { makeFolder } from '../src/make-folder.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-folder-'))
  return () => rm(folder, { recursive: true, force: true })
})

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('a folder and those it lies in are made for this user alone', async () => {
  await makeFolder(join(folder, 'a/b/c'))

  expect(await modeOf(join(folder, 'a'))).toBe(0o700)
  expect(await modeOf(join(folder, 'a/b/c'))).toBe(0o700)
})

test('a folder that is there stays as it is, also behind a link', async () => {
  const there = join(folder, 'there')
  await mkdir(there, { mode: 0o755 })
  await symlink(there, join(folder, 'link'))

  await makeFolder(there)
  await makeFolder(join(folder, 'link'))
  await makeFolder(join(folder, 'link/within'))

  expect(await modeOf(there)).toBe(0o755)
  expect(await modeOf(join(there, 'within'))).toBe(0o700)
})

test('of many that make the same folder at once none fails', async () => {
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(join(folder, 'a/b/c/d'))))

  expect((await stat(join(folder, 'a/b/c/d'))).isDirectory()).toBe(true)
})

test.each([
  ['file', 'EEXIST'],
  ['file/within', 'ENOTDIR'],
  ['nowhere', 'EEXIST'],
  ['nowhere/within', 'EEXIST'],
])('%s, where a file or a link to nothing stands, is refused with %s', async (name, code) => {
  await writeFile(join(folder, 'file'), '')
  await symlink(join(folder, 'not-there'), join(folder, 'nowhere'))

  await expect(makeFolder(join(folder, name))).rejects.toMatchObject({ code })
})

test
  .runIf(process.platform === 'linux')
  .each(['/proc/holdfast', '/proc/self/holdfast/data', '/proc/sys/holdfast'])(
  'a folder that the kernel does not take is refused, and not tried for ever: %s',
  async (path) => {
    await expect(makeFolder(path)).rejects.toMatchObject({ code: expect.stringMatching(/^E[A-Z]+$/) })
  },
)
