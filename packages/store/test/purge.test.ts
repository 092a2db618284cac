import { beforeEach, describe, expect, test } from 'vitest'
import { Purge } from '../src/purge.ts'
import type { SqliteStore } from '../src/sqlite-store.ts'
import { db } from '../src/tables.ts'
import { addBlob, addMail, addSignIn, addVerification } from './live-records.ts'
import { dumpStore, readStore } from './store-dump.ts'
import { openTemporaryStore } from './temporary-store.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const yearMs = 365 * dayMs
const beganMs = 1_700_000_000_000
const kid = 'aaaaaaaa'

let path: string
let store: SqliteStore
/** What the server's clock says, which somebody may set, and the time that has passed. */
let time: { nowMs: number; passedMs: number }
let errors: Error[]

beforeEach(async () => {
  const temporary = await openTemporaryStore()
  path = temporary.path
  store = temporary.store
  time = { nowMs: beganMs, passedMs: 0 }
  errors = []
  await recordEvent(beganMs)
  return async () => {
    await temporary[Symbol.asyncDispose]()
    expect(errors).toEqual([])
  }
})

/** A purge as one process has it. */
async function openPurge(): Promise<Purge> {
  const purge = new Purge({
    store,
    clock: () => time.nowMs,
    monotonic: () => time.passedMs,
    onError: (error) => errors.push(error),
  })
  await purge.open()
  return purge
}

function recordEvent(atMs: number) {
  return store.write(db.insertInto('ledger').values({ ...noIds, atMs, event: 'guess_wrong' }))
}
const noIds = { verificationId: null, signInId: null, kid: null, reason: null, detail: null }

function pass(milliseconds: number): void {
  time.nowMs += milliseconds
  time.passedMs += milliseconds
}

/** Time passes while the server runs, and the purge with it. */
async function live(purge: Purge, milliseconds: number, stepMs = hourMs): Promise<void> {
  for (let passedMs = 0; passedMs < milliseconds; passedMs += stepMs) {
    pass(Math.min(stepMs, milliseconds - passedMs))
    await purge.pass()
  }
}

const countOf = (table: string) => Number(readStore(path, `SELECT COUNT(*) AS n FROM ${table}`)[0]?.n)
const keysOf = (table: string, key: string) =>
  readStore(path, `SELECT ${key} AS k FROM ${table} ORDER BY 1`).map(({ k }) => k)

describe('what is over is kept, and then goes', () => {
  test('a sign-in with its blob a day after its absolute end, also one that was ended long before', async () => {
    const purge = await openPurge()
    const expiresAtMs = beganMs + 30 * dayMs
    await addSignIn(store, { nowMs: beganMs, kid, sessionKey: 's1', expiresAtMs })
    await addSignIn(store, {
      nowMs: beganMs,
      kid,
      sessionKey: 's2',
      expiresAtMs,
      endedAtMs: beganMs + hourMs,
      endReason: 'signed_out',
    })
    await addBlob(store, { sessionKey: 's1', kid })
    await addBlob(store, { sessionKey: 's2', kid })
    await live(purge, 31 * dayMs - hourMs, dayMs)
    expect([countOf('signIns'), countOf('sessionBlobs')]).toEqual([2, 2])

    await live(purge, hourMs)
    expect([countOf('signIns'), countOf('sessionBlobs')]).toEqual([0, 0])
    expect(Object.fromEntries(purge.counts)).toMatchObject({ signIns: 2, verifications: 0 })
  })

  test('a verification with its codes and its blob a week after its end', async () => {
    const purge = await openPurge()
    const expiresAtMs = beganMs + 10 * minuteMs
    const verificationId = await addVerification(store, {
      nowMs: beganMs,
      kid,
      sessionKey: 's1',
      expiresAtMs,
    })
    await addMail(store, { nowMs: beganMs, kid, verificationId, sealed: null })
    await addBlob(store, { sessionKey: 's1', kid })
    await live(purge, 7 * dayMs, dayMs)
    expect([countOf('verifications'), countOf('codes'), countOf('sessionBlobs')]).toEqual([1, 1, 1])

    await live(purge, 10 * minuteMs, minuteMs)
    expect([countOf('verifications'), countOf('codes'), countOf('sessionBlobs')]).toEqual([0, 0, 0])
  })

  test('a blob with the last record of its session, and not before', async () => {
    const purge = await openPurge()
    await addVerification(store, { nowMs: beganMs, kid, sessionKey: 's1', expiresAtMs: beganMs + hourMs })
    await addSignIn(store, { nowMs: beganMs, kid, sessionKey: 's1', expiresAtMs: beganMs + 30 * dayMs })
    await addSignIn(store, { nowMs: beganMs, kid, sessionKey: 's2', expiresAtMs: beganMs + hourMs })
    await addVerification(store, {
      nowMs: beganMs,
      kid,
      sessionKey: 's2',
      expiresAtMs: beganMs + 3 * dayMs,
    })
    await addBlob(store, { sessionKey: 's1', kid })
    await addBlob(store, { sessionKey: 's2', kid })

    await live(purge, 8 * dayMs, dayMs)
    expect(keysOf('sessionBlobs', 'key')).toEqual(['s1', 's2'])
    await live(purge, 3 * dayMs, dayMs)
    expect(keysOf('sessionBlobs', 'key')).toEqual(['s1'])
    await live(purge, 20 * dayMs, dayMs)
    expect(keysOf('sessionBlobs', 'key')).toEqual([])
  })

  test('a budget a day after its window and its wait, and a mail of the developer mailbox after a day', async () => {
    const purge = await openPurge()
    const limit = { count: 1, windowEndsAtMs: beganMs + hourMs, waitUntilMs: null }
    await store.write(
      db.insertInto('limits').values({ ...limit, key: 'a' }),
      db.insertInto('limits').values({ ...limit, key: 'b', waitUntilMs: beganMs + 5 * dayMs }),
      db.insertInto('devMails').values({ id: 'm', recipient: 'ada@example.com', sealed: '', atMs: beganMs }),
    )
    await live(purge, dayMs)
    expect([countOf('limits'), countOf('devMails')]).toEqual([2, 0])
    await live(purge, hourMs)
    expect(keysOf('limits', 'key')).toEqual(['b'])
    await live(purge, 5 * dayMs, dayMs)
    expect(countOf('limits')).toBe(0)
  })

  test('a row of the ledger after 400 days, and an account never', async () => {
    const purge = await openPurge()
    await addSignIn(store, { nowMs: beganMs, kid })
    await live(purge, 400 * dayMs - hourMs, dayMs)
    expect(countOf('ledger')).toBe(1)
    await live(purge, hourMs)
    expect([countOf('ledger'), countOf('accounts')]).toEqual([0, 1])
  })
})

describe('R74, F14: a clock that jumps', () => {
  /** Somebody is signed in for 30 days, and somebody has just been sent a code. */
  async function addLive() {
    await addSignIn(store, { nowMs: time.nowMs, kid, expiresAtMs: time.nowMs + 30 * dayMs })
    await addVerification(store, { nowMs: time.nowMs, kid, expiresAtMs: time.nowMs + 10 * minuteMs })
  }
  const alive = () => {
    const { signIns, verifications } = dumpStore(path)
    return { signIns, verifications }
  }

  test('a year ahead for a minute and back deletes nothing that is alive', async () => {
    const purge = await openPurge()
    await live(purge, 40 * dayMs, dayMs)
    await addLive()
    const before = alive()
    time.nowMs += yearMs
    await live(purge, minuteMs, 1_000)
    time.nowMs -= yearMs
    await live(purge, minuteMs, 1_000)

    expect(alive()).toEqual(before)
  })

  test('a year ahead deletes nothing that is alive for a whole day, while somebody can set it right', async () => {
    const purge = await openPurge()
    await live(purge, 40 * dayMs, dayMs)
    await addLive()
    const before = alive()
    time.nowMs += yearMs
    await live(purge, dayMs - hourMs)

    expect(alive()).toEqual(before)
  })

  test('a year ahead at the start deletes nothing either: the ledger knows when something happened last', async () => {
    await addLive()
    const before = alive()
    time.nowMs += yearMs
    const purge = await openPurge()
    await live(purge, hourMs, minuteMs)

    expect(alive()).toEqual(before)
  })

  test('a year back deletes nothing, and stops nothing for good', async () => {
    const purge = await openPurge()
    await live(purge, 40 * dayMs, dayMs)
    await addLive()
    const before = alive()
    time.nowMs -= yearMs
    await live(purge, dayMs)
    expect(alive()).toEqual(before)

    time.nowMs += yearMs
    await live(purge, 40 * dayMs, dayMs)
    expect(alive()).toEqual({ signIns: [], verifications: [] })
  })
})

test('after a time without a server the horizon comes closer twice as fast as time goes', async () => {
  const purge = await openPurge()
  const expiresAtMs = beganMs + dayMs
  await addSignIn(store, { nowMs: beganMs, kid, expiresAtMs })
  await live(purge, hourMs)
  // Down for ten days: the clock goes on, and no process measures it.
  time.nowMs += 10 * dayMs
  const next = await openPurge()
  await live(next, dayMs - hourMs)
  expect(countOf('signIns')).toBe(1)

  await live(next, hourMs)
  expect(countOf('signIns')).toBe(0)
})

test('three processes share one horizon: together they move it no faster than one', async () => {
  const purges = await Promise.all([openPurge(), openPurge(), openPurge()])
  await addSignIn(store, { nowMs: beganMs, kid, expiresAtMs: beganMs })
  time.nowMs += yearMs
  for (let passedMs = 0; passedMs < 12 * hourMs - 10 * minuteMs; passedMs += 10 * minuteMs) {
    pass(10 * minuteMs)
    await Promise.all(purges.map((purge) => purge.pass()))
  }

  expect(countOf('signIns')).toBe(1)
  pass(10 * minuteMs)
  for (const purge of purges) await purge.pass()
  pass(10 * minuteMs)
  for (const purge of purges) await purge.pass()
  expect(countOf('signIns')).toBe(0)
})

test('thousands of rows go in batches, with other writes in between, and each is counted once', async () => {
  const purge = await openPurge()
  const rows = Array.from({ length: 3_000 }, (_, at) => ({
    key: `k${at}`,
    count: 1,
    windowEndsAtMs: beganMs,
    waitUntilMs: null,
  }))
  await store.write(db.insertInto('limits').values(rows))
  pass(2 * dayMs)
  const passing = purge.pass()
  let between = 0
  let isOver = false
  passing.finally(() => {
    isOver = true
  })
  while (!isOver) {
    await recordEvent(time.nowMs)
    if (countOf('limits') < 3_000) between += 1
  }
  await passing

  expect(countOf('limits')).toBe(0)
  expect(between).toBeGreaterThan(5)
  expect(Object.fromEntries(purge.counts).limits).toBe(3_000)
})

test('a purge that is stopped in the middle leaves the rest to the next one', async () => {
  const purge = await openPurge()
  const rows = Array.from({ length: 3_000 }, (_, at) => ({
    key: `k${at}`,
    count: 1,
    windowEndsAtMs: beganMs,
    waitUntilMs: null,
  }))
  await store.write(db.insertInto('limits').values(rows))
  pass(2 * dayMs)
  purge.pass()
  while (countOf('limits') === 3_000) await recordEvent(time.nowMs)
  await purge.stop()
  const left = countOf('limits')
  expect(left).toBeGreaterThan(0)

  const next = await openPurge()
  await live(next, 2 * minuteMs, minuteMs)
  expect(countOf('limits')).toBe(0)
  expect(Object.fromEntries(next.counts).limits).toBe(left)
})
