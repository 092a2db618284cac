import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, expect, test, vi } from 'vitest'
import { RescueCopies, type RescueOutcome } from '../src/rescue-copies.ts'
import { readStore } from './store-dump.ts'

let folder: string
let path: string
let database: DatabaseSync
let rescue: RescueCopies
/** Each begins by asking for the time, and gives it to its name. */
let begun: number

beforeEach(async () => {
  begun = 0
  folder = await mkdtemp(join(tmpdir(), 'holdfast-rescue-'))
  path = join(folder, 'holdfast.db')
  database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE counted (n); INSERT INTO counted VALUES (1)')
  rescue = new RescueCopies(database, path, () => begun++)
  return async () => {
    vi.useRealTimers()
    database.close()
    await rm(folder, { recursive: true, force: true })
  }
})

const copies = async () => (await readdir(folder)).filter((name) => name.includes('.rescued-'))
const begin = () => new Promise<RescueOutcome>((resolve) => rescue.begin(resolve))

test('a copy that is whole before the file is back is told, and named once more at the end', async () => {
  const outcome = await begin()

  expect(outcome).toEqual({ copy: expect.stringContaining('.rescued-') })
  expect(rescue.end()).toBe((outcome as { copy: string }).copy)
  expect(rescue.end()).toBeUndefined()
})

test('a copy that is whole only after the file is back is not told, and goes: following it would lose what came later', async () => {
  const told: RescueOutcome[] = []
  rescue.begin((outcome) => told.push(outcome))
  expect(rescue.end()).toBeUndefined()
  database.exec('INSERT INTO counted VALUES (2)')
  const later = (await begin()) as { copy: string }

  // Either may be whole first.
  await vi.waitFor(async () => expect(await copies()).toHaveLength(1), 30_000)
  expect(told).toEqual([])
  expect(readStore(later.copy, 'SELECT n FROM counted')).toEqual([{ n: 1 }, { n: 2 }])
  expect(rescue.end()).toBe(later.copy)
})

test('what failed while the file was away the time before brings no second copy of this time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  await rename(folder, `${folder}-away`)
  expect(await begin()).toEqual({ cause: expect.stringContaining('ENOENT') })
  await rename(`${folder}-away`, folder)
  rescue.end()
  await begin()
  vi.advanceTimersByTime(60_000)
  rescue.begin(() => {})

  expect(begun).toBe(2)
})

test('what failed is tried again while the file is still away, and only the first failure is told', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  await rename(folder, `${folder}-away`)
  expect(await begin()).toEqual({ cause: expect.stringContaining('ENOENT') })
  vi.advanceTimersByTime(10_000)
  await rename(`${folder}-away`, folder)

  expect(await begin()).toEqual({ copy: expect.stringContaining('.rescued-') })
})
