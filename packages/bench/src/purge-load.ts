import { Pool } from 'undici'
import type { BenchOptions } from './bench-options.ts'
import { holdfast } from './contestants.ts'
import { addExpiredRows, prefillStore } from './prefilled-store.ts'
import { type RunningServer, startServer } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'
import { signInOnce } from './whole-sign-in.ts'

/** How long people wait while a server deletes what is over, and afterwards. */
export interface PurgeLoad {
  rows: number
  purgedInSeconds: number
  /** Milliseconds of each whole sign-in. */
  during: number[]
  afterwards: number[]
}

const inFlight = 4
/** As many sign-ins are measured afterwards as meanwhile, but no more than this. */
const mostAfterwards = 5_000

export async function measurePurge(options: BenchOptions, folder: TemporaryFolder): Promise<PurgeLoad> {
  const path = folder.next()
  await prefillStore(path, { liveSessions: 1_000, ledgerRows: 1_000 })
  const rows = options.expiredRows
  addExpiredRows(path, rows)
  const server = await startServer(holdfast, { folder: path, environment: { LOG_LEVEL: 'warn' } })
  const pool = new Pool(server.origin, { connections: inFlight })
  try {
    const startedAtMs = performance.now()
    // V8 is still compiling at first, for one phase as for the other.
    await signInWhile(pool, () => performance.now() < startedAtMs + options.warmUpSeconds * 1000)
    let isPurging = true
    const purged = untilPurged(server, rows).then(() => {
      isPurging = false
    })
    const during = await signInWhile(pool, () => isPurging)
    await purged
    const purgedInSeconds = (performance.now() - startedAtMs) / 1000
    let left = Math.min(mostAfterwards, during.length)
    const afterwards = await signInWhile(pool, () => left-- > 0)
    return { rows, purgedInSeconds, during, afterwards }
  } finally {
    await pool.close()
    await server.stop()
  }
}

let addresses = 0

async function signInWhile(pool: Pool, goesOn: () => boolean): Promise<number[]> {
  const times: number[] = []
  async function signInRepeatedly(): Promise<void> {
    while (goesOn()) {
      addresses += 1
      const startedAtMs = performance.now()
      await signInOnce(pool, `purge-${addresses}@example.com`)
      times.push(performance.now() - startedAtMs)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, signInRepeatedly))
  return times
}

async function untilPurged(server: RunningServer, rows: number): Promise<void> {
  const pool = new Pool(server.origin, { connections: 1 })
  const text = async () =>
    (await (await pool.request({ method: 'GET', path: '/metrics' })).body.text()).split('\n')
  const sumOf = (lines: string[]) =>
    lines
      .filter((line) => line.startsWith('holdfast_purged_rows_total{'))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  while (sumOf(await text()) < rows) await new Promise((resolve) => setTimeout(resolve, 200))
  await pool.close()
}
