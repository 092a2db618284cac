import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { ledgerEntry } from '../src/ledger.ts'
import { openStoreToRead } from '../src/open-store-to-read.ts'
import { db } from '../src/tables.ts'
import { openTemporaryStore } from './temporary-store.ts'

function opened(path: string) {
  const store = openStoreToRead(path)
  if (!store.ok) throw new Error(`expected a store, found ${store.lack}`)
  return store.store
}

const events = db.selectFrom('ledger').select('event').orderBy('id')

test('a store that a server has open is read, also while somebody holds its lock', async () => {
  await using temporary = await openTemporaryStore()
  await temporary.store.write(ledgerEntry({ atMs: 1, event: 'key_signs' }))
  const holder = new DatabaseSync(temporary.path)
  holder.exec('BEGIN IMMEDIATE')

  const store = opened(temporary.path)

  expect(await store.read(events)).toEqual([{ event: 'key_signs' }])
  expect(store.generation).toBe(temporary.store.generation)
  expect(store.journalMode).toBe('wal')
  store.close()
  holder.close()
})

test('what is read is of one moment, whatever is written meanwhile', async () => {
  await using temporary = await openTemporaryStore()
  const store = opened(temporary.path)
  await temporary.store.write(ledgerEntry({ atMs: 1, event: 'key_signs' }))

  expect(await store.read(events)).toEqual([])
  store.close()
})

test('a store that nobody has open is read without a trace', async () => {
  await using temporary = await openTemporaryStore()
  const copy = join(dirname(temporary.path), 'copy')
  await mkdir(copy)
  await temporary.store.query('PRAGMA wal_checkpoint(TRUNCATE)', [])
  await copyFile(temporary.path, join(copy, 'holdfast.db'))
  const before = await readFile(join(copy, 'holdfast.db'))
  await chmod(copy, 0o500)

  const store = opened(join(copy, 'holdfast.db'))

  expect(await store.read(events)).toEqual([])
  expect(store.journalMode).toBe('wal')
  store.close()
  await chmod(copy, 0o700)
  expect(await readdir(copy)).toEqual(['holdfast.db'])
  expect(await readFile(join(copy, 'holdfast.db'))).toEqual(before)
})

test('nothing can be written through it', async () => {
  await using temporary = await openTemporaryStore()
  const store = opened(temporary.path)

  expect(() => store.ask("DELETE FROM meta WHERE key = 'generation'")).toThrow(/readonly/)
  store.close()
})

test('a missing file, an empty one and the store of an older version are told apart', async () => {
  await using temporary = await openTemporaryStore()
  const folder = dirname(temporary.path)
  expect(openStoreToRead(join(folder, 'missing.db'))).toEqual({ ok: false, lack: 'no_file' })
  await writeFile(join(folder, 'empty.db'), '')
  expect(openStoreToRead(join(folder, 'empty.db'))).toEqual({ ok: false, lack: 'no_store' })

  await temporary.store.query("DELETE FROM kysely_migration WHERE name > '0002'", [])

  expect(openStoreToRead(temporary.path)).toEqual({ ok: false, lack: 'older_version' })
})
