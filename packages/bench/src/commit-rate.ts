import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ledgerEntry, openStore } from '@holdfast/store'
import type { BenchOptions } from './bench-options.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

const inFlight = 64

/** Rows a second, one for each round: with and without an fsync for each commit, with and without group commit. */
export interface CommitRates {
  fullGrouped: number[]
  fullEach: number[]
  normalGrouped: number[]
  normalEach: number[]
}

/** Writes rows of the ledger in each way in turn: through the store with many at once, and with a commit for each. */
export async function measureCommitRates(
  options: BenchOptions,
  folder: TemporaryFolder,
): Promise<CommitRates> {
  const rates: CommitRates = { fullGrouped: [], fullEach: [], normalGrouped: [], normalEach: [] }
  for (let round = -1; round < options.rounds; round += 1) {
    const measured = {
      fullGrouped: await writeGrouped(folder, 'FULL', options.roundSeconds),
      fullEach: await writeEach(folder, 'FULL', options.roundSeconds),
      normalGrouped: await writeGrouped(folder, 'NORMAL', options.roundSeconds),
      normalEach: await writeEach(folder, 'NORMAL', options.roundSeconds),
    }
    // In the first round V8 is still compiling.
    if (round < 0) continue
    for (const way of Object.keys(rates) as (keyof CommitRates)[]) rates[way].push(measured[way])
  }
  return rates
}

async function writeGrouped(folder: TemporaryFolder, synchronous: string, seconds: number): Promise<number> {
  const store = await openStore(join(folder.next(), 'holdfast.db'))
  await store.query(`PRAGMA synchronous = ${synchronous}`, [])
  const endsAtMs = performance.now() + seconds * 1000
  let written = 0
  async function writeOn(): Promise<void> {
    while (performance.now() < endsAtMs) {
      await store.write(ledgerEntry({ atMs: Date.now(), event: 'guess_wrong' }))
      written += 1
    }
  }
  await Promise.all(Array.from({ length: inFlight }, writeOn))
  store.close()
  return written / seconds
}

async function writeEach(folder: TemporaryFolder, synchronous: string, seconds: number): Promise<number> {
  const path = join(folder.next(), 'holdfast.db')
  const store = await openStore(path)
  store.close()
  const database = new DatabaseSync(path)
  database.exec(`PRAGMA synchronous = ${synchronous}; PRAGMA wal_autocheckpoint = 4000`)
  const insert = database.prepare("INSERT INTO ledger (atMs, event) VALUES (?, 'guess_wrong')")
  const endsAtMs = performance.now() + seconds * 1000
  let written = 0
  for (; performance.now() < endsAtMs; written += 1) insert.run(Date.now())
  database.close()
  return written / seconds
}
