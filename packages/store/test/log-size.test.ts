import { stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openTemporaryStore } from './temporary-store.ts'

/** Another program that reads, and does not end its transaction until it is told to. */
function beginLongRead(path: string): { end(): void } {
  const database = new DatabaseSync(path, { readOnly: true })
  database.exec('BEGIN')
  database.prepare('SELECT * FROM meta').all()
  return { end: () => database.close() }
}

test('F12: the log grows while somebody reads for long, and afterwards it is used anew and gives the disk back', async () => {
  await using temporary = await openTemporaryStore()
  const { path, store } = temporary
  const logBytes = async () => (await stat(`${path}-wal`)).size
  const writeMegabyte = () =>
    store.query("INSERT OR REPLACE INTO meta VALUES ('large', HEX(RANDOMBLOB(500000)))", [])

  const reader = beginLongRead(path)
  for (let count = 0; count < 80; count++) await writeMegabyte()
  expect(await logBytes()).toBeGreaterThan(80_000_000)
  reader.end()
  // The first of them empties the log, the next one begins it anew.
  for (let count = 0; count < 3; count++) await writeMegabyte()
  expect(await logBytes()).toBeLessThanOrEqual(64 * 1024 * 1024)
  for (let count = 0; count < 100; count++) await writeMegabyte()
  expect(await logBytes()).toBeLessThanOrEqual(64 * 1024 * 1024)
})
