import { createKeyRingRecord, type KeyRingRecord, revokeKey, rotateKeys } from '@holdfast/core'
import { expect, test } from 'vitest'
import { readKnownKeyRing, rememberKeyRing } from '../src/known-key-ring.ts'
import type { SqliteStore } from '../src/sqlite-store.ts'
import { readStore } from './store-dump.ts'
import { openTemporaryStore } from './temporary-store.ts'

const nowMs = 1_700_000_000_000

async function remember(store: SqliteStore, record: KeyRingRecord): Promise<void> {
  await store.write(...rememberKeyRing(record))
}

test('a new store knows no ring', async () => {
  await using opened = await openTemporaryStore()

  expect(await readKnownKeyRing(opened.store)).toBeUndefined()
})

test('a ring is known by its id, its epoch and its kids, and no secret is kept', async () => {
  await using opened = await openTemporaryStore()
  const ring = createKeyRingRecord(nowMs)
  const [key] = ring.keys
  await remember(opened.store, ring)

  expect(await readKnownKeyRing(opened.store)).toEqual({
    ringId: ring.ringId,
    epoch: 1,
    kids: [key?.kid],
    revokedKids: [],
  })
  const stored = JSON.stringify(readStore(opened.path, 'SELECT * FROM meta'))
  for (const spelling of ['hex', 'base64', 'base64url'] as const) {
    expect(stored).not.toContain(Buffer.from(key?.secret ?? []).toString(spelling))
  }
})

test('a later ring takes the place of the one before', async () => {
  await using opened = await openTemporaryStore()
  const ring = createKeyRingRecord(nowMs)
  const rotated = rotateKeys(ring, { nowMs, signsFromMs: nowMs })
  await remember(opened.store, ring)
  await remember(opened.store, rotated)

  expect(await readKnownKeyRing(opened.store)).toMatchObject({
    epoch: 2,
    kids: rotated.keys.map(({ kid }) => kid),
  })
  expect(readStore(opened.path, "SELECT key FROM meta WHERE key = 'keyRing'")).toHaveLength(1)
})

test('a revoked key stays known as such, also once the ring is replaced by another', async () => {
  await using opened = await openTemporaryStore()
  const ring = createKeyRingRecord(nowMs)
  const [leaked] = ring.keys.map(({ kid }) => kid)
  const revoked = revokeKey(ring, leaked ?? '', { nowMs })
  for (const record of [ring, revoked, revoked, createKeyRingRecord(nowMs)]) {
    await remember(opened.store, record)
    const known = await readKnownKeyRing(opened.store)
    expect(known?.revokedKids).toEqual(record === ring ? [] : [leaked])
    if (record !== ring) expect(known?.kids).not.toContain(leaked)
  }
})

test('an older epoch that comes late replaces nothing, and forgets no revoked key', async () => {
  await using opened = await openTemporaryStore()
  const ring = createKeyRingRecord(nowMs)
  const [leaked = ''] = ring.keys.map(({ kid }) => kid)
  const revoked = revokeKey(ring, leaked, { nowMs })
  await remember(opened.store, revoked)
  await remember(opened.store, ring)

  expect(await readKnownKeyRing(opened.store)).toMatchObject({ epoch: 2, revokedKids: [leaked] })
})

test('the settings of a server stay when a tool without them remembers a ring', async () => {
  await using opened = await openTemporaryStore()
  const ring = createKeyRingRecord(nowMs)
  await opened.store.write(...rememberKeyRing(ring, { idleMs: 5_000, reloadMs: 70 }))
  await remember(opened.store, rotateKeys(ring, { nowMs, signsFromMs: nowMs }))

  expect(await readKnownKeyRing(opened.store)).toMatchObject({ epoch: 2, idleMs: 5_000, reloadMs: 70 })
})
