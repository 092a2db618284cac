import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openStore } from '../src/open-store.ts'
import type { SqliteStore } from '../src/sqlite-store.ts'
import { StoreUnavailableError } from '../src/store.ts'
import { db } from '../src/tables.ts'
import { readStore } from './store-dump.ts'

let path: string
let store: SqliteStore

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-store-'))
  path = join(folder, 'holdfast.db')
  store = await openStore(path)
  return async () => {
    // Closing twice is refused; some tests close it themselves.
    try {
      store.close()
    } catch {}
    await rm(folder, { recursive: true, force: true })
  }
})

const put = (key: string, value = 'x') => db.insertInto('meta').values({ key, value })
const keysOf = (rows: Record<string, unknown>[]) => rows.map((row) => row.key)
const committedKeys = () => keysOf(readStore(path, "SELECT key FROM meta WHERE key LIKE 'k%' ORDER BY key"))
const names = (count: number) =>
  Array.from({ length: count }, (_, index) => `k${String(index).padStart(3, '0')}`)

/** Transactions in the write-ahead log: frames whose "size after commit" is not zero. (SQLite file format 4.1) */
async function countCommits(): Promise<number> {
  const wal = await readFile(`${path}-wal`)
  const frameBytes = 24 + wal.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at + frameBytes <= wal.length; at += frameBytes) {
    const isThisLog = wal.subarray(at + 8, at + 16).equals(wal.subarray(16, 24))
    if (isThisLog && wal.readUInt32BE(at + 4) !== 0) commits += 1
  }
  return commits
}

test('a hundred writes of one turn share one commit', async () => {
  const before = await countCommits()
  await Promise.all(names(100).map((key) => store.write(put(key))))

  expect((await countCommits()) - before).toBe(1)
  expect(committedKeys()).toHaveLength(100)
})

test('writes of different turns have a commit each', async () => {
  const before = await countCommits()
  for (const key of names(5)) await store.write(put(key))

  expect((await countCommits()) - before).toBe(5)
})

test('what a library writes through query shares the commit of its turn', async () => {
  const before = await countCommits()
  await Promise.all([
    store.write(put('k1')),
    store.query("INSERT INTO meta (key, value) VALUES ('k2', ?)", ['x']),
    store.query("  insert into meta (key, value) values ('k3', 'x') returning key", []),
  ])

  expect((await countCommits()) - before).toBe(1)
  expect(committedKeys()).toEqual(['k1', 'k2', 'k3'])
})

test('no write resolves before another connection sees it', async () => {
  const seen = await Promise.all(
    names(50).map(async (key) => {
      await store.write(put(key))
      return committedKeys().includes(key)
    }),
  )

  expect(seen).toEqual(Array(50).fill(true))
})

test('a read in the turn of a write sees only what is committed', async () => {
  const writing = store.write(put('k1'))
  const count = db.selectFrom('meta').select('key').where('key', '=', 'k1')

  expect(await store.read(count)).toEqual([])
  await writing
  expect(await store.read(count)).toEqual([{ key: 'k1' }])
})

test('a write answers the rows that each of its queries returned', async () => {
  const [first, second, third] = await store.write(
    put('k1').returning('key'),
    put('k2'),
    db.updateTable('meta').set({ value: 'y' }).where('key', 'in', ['k1', 'k2']).returning(['key', 'value']),
  )

  expect(first).toEqual([{ key: 'k1' }])
  expect(second).toEqual([])
  expect(third).toEqual([
    { key: 'k1', value: 'y' },
    { key: 'k2', value: 'y' },
  ])
})

test('one bad write does not take its neighbours along, and none of its own queries counts', async () => {
  const outcomes = await Promise.allSettled([
    store.write(put('k1')),
    store.write(put('k2'), put('k1'), put('k3')),
    store.write(put('k4')),
    store.query('INSERT INTO nowhere VALUES (1)', []),
    store.write(put('k5')),
  ])

  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
  ])
  expect(committedKeys()).toEqual(['k1', 'k4', 'k5'])
})

test('a broken constraint and a bad statement are faults of the query, not of the store', async () => {
  await store.write(put('k1'))

  await expect(store.write(put('k1'))).rejects.toThrow(/UNIQUE/)
  await expect(store.write(put('k1'))).rejects.not.toBeInstanceOf(StoreUnavailableError)
  await expect(store.query('SELECT nonsense FROM nowhere', [])).rejects.not.toBeInstanceOf(
    StoreUnavailableError,
  )
})

test('a foreign key that leads nowhere is refused', async () => {
  const code = { verificationId: 'none', number: 1, mac: '', email: '', sealed: null, expiresAtMs: 1 }
  await expect(
    store.write(db.insertInto('codes').values({ ...code, delivery: 'queued', tries: 0, dueAtMs: 0 })),
  ).rejects.toThrow(/FOREIGN KEY/)
})

test('close commits what is waiting before it closes', async () => {
  const writing = Promise.all(names(10).map((key) => store.write(put(key))))
  store.close()

  await writing
  expect(committedKeys()).toHaveLength(10)
})

test('a closed store is unavailable to reads and writes', async () => {
  store.close()

  await expect(store.write(put('k1'))).rejects.toBeInstanceOf(StoreUnavailableError)
  await expect(store.read(db.selectFrom('meta').selectAll())).rejects.toBeInstanceOf(StoreUnavailableError)
  await expect(store.query('SELECT 1', [])).rejects.toBeInstanceOf(StoreUnavailableError)
})
