import { expect, test } from 'vitest'
import { endSignIns, readLiveSignIns } from '../src/live-sign-ins.ts'
import { addSignIn } from './live-records.ts'
import { readStore } from './store-dump.ts'
import { openTemporaryStore } from './temporary-store.ts'

const nowMs = 1_800_000_000_000
const hourMs = 3_600_000
const at = { nowMs, idleMs: hourMs }

async function openFilledStore() {
  const temporary = await openTemporaryStore()
  const { store } = temporary
  const add = (changes: object) => addSignIn(store, { nowMs, kid: 'kkkkkkkk', ...changes })
  const older = await add({ authTimeMs: nowMs - 2 * hourMs, lastSeenAtMs: nowMs - 1_000 })
  const newer = await add({})
  await add({ endedAtMs: nowMs, endReason: 'signed_out' })
  await add({ expiresAtMs: nowMs })
  await add({ lastSeenAtMs: nowMs - hourMs })
  return Object.assign(temporary, { older, newer })
}

test('those that neither ended nor expired nor idled out are live, the one used last first', async () => {
  await using temporary = await openFilledStore()
  const { older, newer } = temporary

  const all = await readLiveSignIns(temporary.store, {}, { ...at, limit: 10 })
  const one = await readLiveSignIns(temporary.store, {}, { ...at, limit: 1 })

  expect(all.signIns.map(({ id }) => id)).toEqual([newer, older])
  expect(all.signIns[0]?.email).toBe(`${newer}@example.com`)
  expect({ ids: one.signIns.map(({ id }) => id), count: one.count }).toEqual({ ids: [newer], count: 2 })
})

test.each([
  ['an id', ({ older }: { older: string }) => ({ signInId: older })],
  ['an address', ({ older }: { older: string }) => ({ email: `${older}@example.com` })],
  ['an account', ({ older }: { older: string }) => ({ accountId: older })],
  ['a time', () => ({ beforeMs: nowMs - hourMs })],
])('those of %s end once, each with its row in the ledger, and no other does', async (_name, choose) => {
  await using temporary = await openFilledStore()
  const { store, path, older } = temporary

  expect(await endSignIns(store, choose(temporary), at)).toBe(1)
  expect(await endSignIns(store, choose(temporary), at)).toBe(0)

  expect(readStore(path, "SELECT id, endedAtMs FROM signIns WHERE endReason = 'ended_by_operator'")).toEqual([
    { id: older, endedAtMs: nowMs },
  ])
  expect(readStore(path, 'SELECT atMs, event, signInId, kid, reason FROM ledger')).toEqual([
    { atMs: nowMs, event: 'sign_in_ended', signInId: older, kid: 'kkkkkkkk', reason: 'ended_by_operator' },
  ])
})

test('conditions that stand together must all hold', async () => {
  await using temporary = await openFilledStore()
  const { store, newer } = temporary

  expect(await endSignIns(store, { signInId: newer, beforeMs: nowMs - hourMs }, at)).toBe(0)
  expect(await endSignIns(store, {}, at)).toBe(2)
})

test('many end in several steps, and each of them once', async () => {
  await using temporary = await openTemporaryStore()
  const { store, path } = temporary
  for (let added = 0; added < 25; added++) await addSignIn(store, { nowMs, kid: 'kkkkkkkk' })

  expect(await endSignIns(store, {}, at, 10)).toBe(25)

  expect(readStore(path, 'SELECT count(DISTINCT signInId) AS count FROM ledger')).toEqual([{ count: 25 }])
  expect(readStore(path, 'SELECT count(*) AS count FROM ledger')).toEqual([{ count: 25 }])
  expect(readStore(path, 'SELECT count(*) AS count FROM signIns WHERE endedAtMs IS NULL')).toEqual([
    { count: 0 },
  ])
})
