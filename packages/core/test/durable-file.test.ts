import { chmod, chown, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createDurably, removeLeftovers, replaceDurably } from '../src/durable-file.ts'
import { temporaryFolder } from './temporary-folder.ts'

// That each of them is whole or absent after a kill at any moment is shown in key-file-kill.test.ts.

async function permissionsOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

test('createDurably makes a file of mode 600 with the text, and leaves nothing beside it', async () => {
  const folder = await temporaryFolder()
  await createDurably(join(folder, 'key'), 'déjà vu\n')
  expect(await readFile(join(folder, 'key'), 'utf8')).toBe('déjà vu\n')
  expect(await permissionsOf(join(folder, 'key'))).toBe('600')
  expect(await readdir(folder)).toEqual(['key'])
})

test('createDurably throws what the operating system says when the folder does not exist', async () => {
  const path = join(await temporaryFolder(), 'gone', 'key')
  await expect(createDurably(path, 'text')).rejects.toMatchObject({ code: 'ENOENT' })
})

test('createDurably refuses to overwrite a file, leaves it as it was and nothing beside it', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'key'), 'first')
  await expect(createDurably(join(folder, 'key'), 'second')).rejects.toMatchObject({ code: 'EEXIST' })
  expect(await readFile(join(folder, 'key'), 'utf8')).toBe('first')
  expect(await readdir(folder)).toEqual(['key'])
})

test('createDurably lets one of many at once make the file, and it holds the text of that one', async () => {
  const folder = await temporaryFolder()
  const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`)
  const results = await Promise.allSettled(texts.map((text) => createDurably(join(folder, 'key'), text)))
  const made = texts.filter((_, index) => results[index]?.status === 'fulfilled')
  expect(made).toEqual([await readFile(join(folder, 'key'), 'utf8')])
  expect(await readdir(folder)).toEqual(['key'])
})

test.each(['600', '400', '640'])(
  'replaceDurably puts another file of the same mode %s in the place of the one that is there',
  async (mode) => {
    const folder = await temporaryFolder()
    const path = join(folder, 'key')
    await writeFile(path, 'a text that is longer than the next one')
    await chmod(path, mode)
    const { ino } = await stat(path)
    const handle = await open(path)
    onTestFinished(() => handle.close())
    await replaceDurably(path, 'second')
    expect(await readFile(path, 'utf8')).toBe('second')
    expect(await permissionsOf(path)).toBe(mode)
    expect((await stat(path)).ino).not.toBe(ino)
    expect(await readdir(folder)).toEqual(['key'])
  },
)

test('replaceDurably keeps the owner when root does it for a server (skipped where not root)', async (context) => {
  context.skip(process.getuid?.() !== 0)
  const path = join(await temporaryFolder(), 'key')
  await createDurably(path, 'first')
  await chown(path, 1234, 2345)
  await replaceDurably(path, 'second')
  expect(await stat(path)).toMatchObject({ uid: 1234, gid: 2345 })
})

test('replaceDurably makes no file where none is, and leaves nothing', async () => {
  const folder = await temporaryFolder()
  await expect(replaceDurably(join(folder, 'key'), 'text')).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readdir(folder)).toEqual([])
})

test('replaceDurably never shows half a file to somebody who reads meanwhile', async () => {
  const path = join(await temporaryFolder(), 'key')
  const texts = ['a', 'b'].map((letter) => letter.repeat(50_000))
  await createDurably(path, texts[0] ?? '')
  let isWriting = true
  const writing = (async () => {
    for (let round = 1; round <= 40; round++) await replaceDurably(path, texts[round % 2] ?? '')
    isWriting = false
  })()
  const seen = new Set<string>()
  while (isWriting) seen.add(await readFile(path, 'utf8'))
  await writing
  expect([...seen].sort()).toEqual(texts)
})

test('removeLeftovers removes temporary files of this file, and no other', async () => {
  const folder = await temporaryFolder()
  const others = ['key', 'key.lock', 'key.tmp.txt', 'keys.0123456789ab.tmp', 'other.0123456789ab.tmp']
  for (const name of [...others, 'key.0123456789ab.tmp', 'key.ba9876543210.tmp']) {
    await writeFile(join(folder, name), '')
  }
  await removeLeftovers(join(folder, 'key'))
  expect((await readdir(folder)).sort()).toEqual(others.sort())
})
