import { Pool } from 'undici'
import type { BenchOptions } from './bench-options.ts'
import { holdfast } from './contestants.ts'
import { addExpiredRows, prefillStore } from './prefilled-store.ts'
import { startServer } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'
import { signInOnce } from './whole-sign-in.ts'

/** How long people wait at a server that deletes what is over, and at one that has nothing to delete. */
export interface PurgeLoad {
  expiredRows: number
  purgedPerSecond: number
  /** Milliseconds of each whole sign-in. */
  purging: number[]
  quiet: number[]
}

const inFlight = 4
/** A purge works in bursts: a slice has to be long enough for several. */
const roundsOfSlice = 5

/** Loads both servers in turn, so that what else the machine does disturbs one as much as the other. */
export async function measurePurge(options: BenchOptions, folder: TemporaryFolder): Promise<PurgeLoad> {
  const { expiredRows } = options
  const folders = { purging: folder.next(), quiet: folder.next() }
  for (const path of Object.values(folders))
    await prefillStore(path, { liveSessions: 1_000, ledgerRows: 1_000 })
  addExpiredRows(folders.purging, expiredRows)
  const load: PurgeLoad = { expiredRows, purgedPerSecond: 0, purging: [], quiet: [] }
  const rates: number[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    for (const kind of ['purging', 'quiet'] as const) {
      const { times, purgedPerSecond } = await loadOnce(options, folders[kind])
      load[kind].push(...times)
      if (kind === 'purging') rates.push(purgedPerSecond)
    }
  }
  load.purgedPerSecond = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
  return load
}

async function loadOnce(options: BenchOptions, folder: string) {
  const server = await startServer(holdfast, { folder, environment: { LOG_LEVEL: 'warn' } })
  const pool = new Pool(server.origin, { connections: inFlight })
  try {
    // By then V8 has compiled most of it, and the first pass of the purge has begun.
    await signInFor(pool, options.warmUpSeconds)
    const purgedBefore = await readPurged(pool)
    const seconds = options.roundSeconds * roundsOfSlice
    const times = await signInFor(pool, seconds)
    return { times, purgedPerSecond: ((await readPurged(pool)) - purgedBefore) / seconds }
  } finally {
    await pool.close()
    await server.stop()
  }
}

let addresses = 0

async function signInFor(pool: Pool, seconds: number): Promise<number[]> {
  const endsAtMs = performance.now() + seconds * 1000
  const times: number[] = []
  async function signInRepeatedly(): Promise<void> {
    while (performance.now() < endsAtMs) {
      addresses += 1
      const startedAtMs = performance.now()
      await signInOnce(pool, `purge-${addresses}@example.com`)
      times.push(performance.now() - startedAtMs)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, signInRepeatedly))
  return times
}

async function readPurged(pool: Pool): Promise<number> {
  const { body } = await pool.request({ method: 'GET', path: '/metrics' })
  const lines = (await body.text()).split('\n')
  return lines
    .filter((line) => line.startsWith('holdfast_purged_rows_total{'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
