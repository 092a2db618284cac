import { Pool } from 'undici'
import type { BenchOptions } from './bench-options.ts'
import { holdfast } from './contestants.ts'
import { type LoadRound, measureRound } from './load-round.ts'
import { type RunningServer, startServer } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'
import { signInOnce } from './whole-sign-in.ts'

const inFlight = 16

export interface SignInRounds {
  /** With `LOG_LEVEL=warn`. */
  quiet: LoadRound[]
  /** With the level that it has when nobody sets one. */
  defaultLevel: LoadRound[]
}

/** Whole sign-ins, each of another address, sixteen at a time. */
export async function measureSignIns(options: BenchOptions, folder: TemporaryFolder): Promise<SignInRounds> {
  const servers = await Promise.all([
    startServer(holdfast, { folder: folder.next(), environment: { LOG_LEVEL: 'warn' } }),
    startServer(holdfast, { folder: folder.next() }),
  ])
  try {
    for (const server of servers) await signInFor(server, options.warmUpSeconds)
    const rounds: SignInRounds = { quiet: [], defaultLevel: [] }
    for (let round = 0; round < options.rounds; round += 1) {
      rounds.quiet.push(await signInFor(servers[0], options.roundSeconds))
      rounds.defaultLevel.push(await signInFor(servers[1], options.roundSeconds))
    }
    return rounds
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

let addresses = 0

/** One round: sixteen people at a time sign in until the time is up; those who began then finish. */
export async function signInFor(server: RunningServer, seconds: number): Promise<LoadRound> {
  const pool = new Pool(server.origin, { connections: inFlight })
  const round = await measureRound(server.pid, async () => {
    const endsAtMs = performance.now() + seconds * 1000
    let done = 0
    async function signInRepeatedly(): Promise<void> {
      while (performance.now() < endsAtMs) {
        addresses += 1
        await signInOnce(pool, `bench-${addresses}@example.com`)
        done += 1
      }
    }
    await Promise.all(Array.from({ length: inFlight }, signInRepeatedly))
    return done
  })
  await pool.close()
  return round
}
