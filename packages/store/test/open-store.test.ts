import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { beforeEach, expect, test, vi } from 'vitest'
import { openStore } from '../src/open-store.ts'
import { dumpStore } from './store-dump.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-open-'))
  return () => rm(folder, { recursive: true, force: true })
})

test.each([
  ['journal_mode', 'wal'],
  ['synchronous', 2],
  // A call waits for a lock for five seconds, but in the store's queue: SQLite would sleep, and with it the process.
  ['busy_timeout', 0],
  ['foreign_keys', 1],
])('0.16: the connection has %s = %s, on the first opening and on a later one', async (pragma, value) => {
  for (let opening = 1; opening <= 2; opening++) {
    const store = await openStore(join(folder, 'holdfast.db'))
    const [row] = (await store.query(`PRAGMA ${pragma}`, [])) as Record<string, unknown>[]
    store.close()

    expect(Object.values(row ?? {})).toEqual([value])
  }
})

test('0.18: the SQLite in use is one that cannot corrupt a WAL', () => {
  const database = new DatabaseSync(':memory:')
  const { version } = database.prepare('SELECT sqlite_version() AS version').get() as { version: string }

  expect(version.localeCompare('3.51.3', 'en', { numeric: true })).toBeGreaterThanOrEqual(0)
})

test.each([
  ['3.51.2', false],
  ['3.44.2', false],
  ['3.9.3', false],
  ['3.51.3', true],
  ['3.100.0', true],
  ['4.0.0', true],
])('0.18: SQLite %s is accepted: %s', async (version, isAccepted) => {
  const prepare = DatabaseSync.prototype.prepare
  const spy = vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    sql,
  ) {
    if (!sql.includes('sqlite_version()')) return prepare.call(this, sql)
    return { get: () => ({ version }) } as unknown as StatementSync
  })
  const opening = openStore(join(folder, 'holdfast.db'))
  try {
    if (isAccepted) (await opening).close()
    else await expect(opening).rejects.toThrow(`SQLite ${version} can corrupt a WAL file`)
  } finally {
    spy.mockRestore()
  }
})

test('a store keeps its generation over openings, and another store has another', async () => {
  const generations: string[] = []
  for (const name of ['a.db', 'a.db', 'b.db']) {
    const store = await openStore(join(folder, name))
    generations.push(store.generation)
    store.close()
  }

  expect(generations[0]).toMatch(/^[\w-]{8}$/)
  expect(generations[1]).toBe(generations[0])
  expect(generations[2]).not.toBe(generations[0])
})

test('a store keeps the key of its pseudonyms over openings, and another store has another', async () => {
  const keys: string[] = []
  for (const name of ['a.db', 'a.db', 'b.db']) {
    const store = await openStore(join(folder, name))
    keys.push(store.pseudonymKey)
    store.close()
  }

  expect(Buffer.from(keys[0] ?? '', 'base64url')).toHaveLength(32)
  expect(keys[1]).toBe(keys[0])
  expect(keys[2]).not.toBe(keys[0])
})

test('opening again changes no row', async () => {
  const path = join(folder, 'holdfast.db')
  const first = await openStore(path)
  first.close()
  const before = dumpStore(path)
  const second = await openStore(path)
  second.close()

  expect(dumpStore(path)).toEqual(before)
})

test('twelve openings at once agree on one generation, one pseudonym key and one set of tables', async () => {
  const path = join(folder, 'holdfast.db')
  const stores = await Promise.all(Array.from({ length: 12 }, () => openStore(path)))
  for (const store of stores) store.close()

  expect(new Set(stores.map(({ generation }) => generation)).size).toBe(1)
  expect(new Set(stores.map(({ pseudonymKey }) => pseudonymKey)).size).toBe(1)
  expect(dumpStore(path).kysely_migration).toHaveLength(7)
})

test('a folder that cannot be made is refused', async () => {
  await writeFile(join(folder, 'file'), '')

  await expect(openStore(join(folder, 'file', 'holdfast.db'))).rejects.toThrow(/ENOTDIR|EEXIST/)
})
