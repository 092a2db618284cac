import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { beforeEach, expect, test, vi } from 'vitest'
import { openStore } from '../src/open-store.ts'
import type { SqliteStore } from '../src/sqlite-store.ts'
import { StoreUnavailableError } from '../src/store.ts'
import { db } from '../src/tables.ts'
import { holdLock } from './lock-holder.ts'
import { readStore } from './store-dump.ts'

const mostWaitMs = 300
let path: string
let store: SqliteStore
let passedMs: number
const monotonic = () => passedMs

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'holdfast-lock-')), 'holdfast.db')
  passedMs = 0
  store = await openStore(path, { mostWaitMs, monotonic })
  return async () => {
    store.close()
    await rm(dirname(path), { recursive: true, force: true })
  }
})

const put = (key: string, value = 'x') => db.insertInto('meta').values({ key, value })
const append = (text: string) =>
  db
    .insertInto('meta')
    .values({ key: 'k', value: text })
    .onConflict((conflict) =>
      conflict.doUpdateSet(({ ref, fn, val }) => ({
        value: fn<string>('concat', [ref('meta.value'), val(text)]),
      })),
    )
const committed = () => readStore(path, "SELECT key, value FROM meta WHERE key LIKE 'k%' ORDER BY key")
const names = (count: number) => Array.from({ length: count }, (_, index) => `k${1000 + index}`)

/** What the promise has come to within the turns that have passed. */
function watch(promise: Promise<unknown>): { state: 'pending' | 'fulfilled' | 'rejected' } {
  const watched: ReturnType<typeof watch> = { state: 'pending' }
  promise.then(
    () => {
      watched.state = 'fulfilled'
    },
    () => {
      watched.state = 'rejected'
    },
  )
  return watched
}

/** Resolves when a commit of the store has met the lock, however long that takes. */
function nextRefusal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const all = StatementSync.prototype.all as (this: StatementSync, ...parameters: unknown[]) => never
  const spy = vi.spyOn(StatementSync.prototype, 'all').mockImplementation(function (
    this: StatementSync,
    ...parameters: unknown[]
  ) {
    try {
      return all.apply(this, parameters)
    } catch (error) {
      if (this.sourceSQL === 'BEGIN IMMEDIATE') {
        spy.mockRestore()
        resolve()
      }
      throw error
    }
  })
  return promise
}

/** What SQLite says of a lock. */
function lockError(): unknown {
  const lock = holdLock(path)
  try {
    holdLock(path, { waitMs: 0 })
    throw new RangeError('expected that a lock is not given twice')
  } catch (error) {
    return error
  } finally {
    lock.release()
  }
}

test('a write waits for the lock of another process and is committed once that lets go', async () => {
  const lock = holdLock(path)
  const writing = store.write(put('k1').returning('key'))
  const watched = watch(writing)
  await nextRefusal()
  expect(watched.state).toBe('pending')
  lock.release()

  expect(await writing).toEqual([[{ key: 'k1' }]])
  expect(committed()).toHaveLength(1)
})

test('while a lock is held SQLite does not sleep, and reads are answered between the attempts', async () => {
  expect(await store.query('PRAGMA busy_timeout', [])).toEqual([{ timeout: 0 }])
  const lock = holdLock(path)
  const writing = store.write(put('k1').returning('key'))
  const watched = watch(writing)
  for (let attempt = 0; attempt < 5; attempt++) {
    await nextRefusal()
    expect(await store.read(db.selectFrom('meta').select('key'))).not.toEqual([])
  }

  expect(watched.state).toBe('pending')
  lock.release()
  expect(await writing).toEqual([[{ key: 'k1' }]])
})

test('writes that meet a lock for too long all fail at their time, and are never written later', async () => {
  const lock = holdLock(path)
  const writing = names(20).map((key) => store.write(put(key)))
  const watched = writing.map(watch)
  await nextRefusal()
  passedMs += mostWaitMs - 1
  await nextRefusal()
  // Whom that refusal ended has been told by the next one.
  await nextRefusal()
  for (const { state } of watched) expect(state).toBe('pending')
  passedMs += 1

  for (const outcome of await Promise.allSettled(writing)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailableError) })
  }
  lock.release()
  await store.write(put('k1'))
  expect(committed()).toEqual([{ key: 'k1', value: 'x' }])
})

test('a later write has its own time to wait, and outlives an earlier one that gave up', async () => {
  const lock = holdLock(path)
  const early = store.write(put('k1'))
  const gaveUp = expect(early).rejects.toThrow(StoreUnavailableError)
  await nextRefusal()
  passedMs += mostWaitMs / 2
  const writing = store.write(put('k2'))
  const late = watch(writing)
  await nextRefusal()
  passedMs += mostWaitMs / 2
  await gaveUp

  expect(late.state).toBe('pending')
  lock.release()
  await writing
  expect(committed()).toEqual([{ key: 'k2', value: 'x' }])
})

test('writes that waited are committed in the order in which they were asked for', async () => {
  const lock = holdLock(path)
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const writing = []
  for (const letter of letters) {
    writing.push(store.write(append(letter)))
    if (letter === 'h' || letter === 'q') await nextRefusal()
  }
  lock.release()
  await Promise.all([...writing, store.write(append('!'))])

  expect(committed()).toEqual([{ key: 'k', value: `${letters.join('')}!` }])
})

test('a bad write that waited does not take its neighbours along', async () => {
  await store.write(put('k2'))
  const lock = holdLock(path)
  const writing = Promise.allSettled(['k1', 'k2', 'k3'].map((key) => store.write(put(key))))
  await nextRefusal()
  lock.release()

  expect((await writing).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(committed().map(({ key }) => key)).toEqual(['k1', 'k2', 'k3'])
})

test('thousands that waited are all committed, a part in each turn', async () => {
  const lock = holdLock(path)
  const writing = names(2_000).map((key) => store.write(put(key)))
  await nextRefusal()
  lock.release()
  const first = writing[0] as Promise<unknown>
  const last = watch(writing.at(-1) as Promise<unknown>)
  await first

  expect(last.state).toBe('pending')
  await Promise.all(writing)
  expect(committed()).toHaveLength(2_000)
})

test.each([1, 3])('%s reads of a turn wait for a process that keeps readers out too', async (count) => {
  // As one does for a moment that repairs the WAL after all others have died: nothing that a test can hold.
  const busy = lockError()
  const question = `SELECT value FROM meta WHERE key = 'generation' -- ${count}`
  const prepare = DatabaseSync.prototype.prepare
  let refusals = 0
  const spy = vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    sql,
  ): StatementSync {
    if (sql !== question || refusals === 4) return prepare.call(this, sql)
    refusals += 1
    throw busy
  })
  const answers = await Promise.all(Array.from({ length: count }, () => store.query(question, [])))
  spy.mockRestore()

  expect(refusals).toBe(4)
  expect(answers).toEqual(Array(count).fill([{ value: store.generation }]))
})

test('close writes what waits when the lock is free again, and gives it up when it is not', async () => {
  const lock = holdLock(path)
  const writing = store.write(put('k1'))
  await nextRefusal()
  lock.release()
  store.close()
  await writing
  expect(committed()).toEqual([{ key: 'k1', value: 'x' }])

  const second = await openStore(path, { mostWaitMs, monotonic })
  const again = holdLock(path)
  const refused = second.write(put('k2'))
  await nextRefusal()
  second.close()
  await expect(refused).rejects.toThrow('the store was closed before it answered')
  again.release()
  expect(committed()).toEqual([{ key: 'k1', value: 'x' }])

  store = await openStore(path, { mostWaitMs, monotonic })
})
