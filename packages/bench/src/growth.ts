import { Pool } from 'undici'
import type { BenchOptions } from './bench-options.ts'
import { holdfast } from './contestants.ts'
import { type LoadRound, measureRound } from './load-round.ts'
import { readMemoryMb } from './memory.ts'
import { prefillStore } from './prefilled-store.ts'
import { type RunningServer, startServer } from './server-process.ts'
import { signInFor } from './sign-in-load.ts'
import type { TemporaryFolder } from './temporary-folder.ts'
import { call, signInOnce } from './whole-sign-in.ts'

const inFlight = 16

/** What one operation costs a server whose store holds so many live sessions, and as many rows of the ledger. */
export interface Grown {
  sessions: number
  startedInMs: number
  checks: LoadRound[]
  signIns: LoadRound[]
  /** After the load, in MB; `undefined` where there is no `/proc`. */
  memoryMb: number | undefined
}

/** Loads servers on stores of several sizes in turn. */
export async function measureGrowth(options: BenchOptions, folder: TemporaryFolder): Promise<Grown[]> {
  const grown: (Grown & { server: RunningServer; cookies: string[] })[] = []
  try {
    for (const sessions of options.sessionCounts) {
      const path = folder.next()
      const tokens = await prefillStore(path, { liveSessions: sessions, ledgerRows: sessions })
      const server = await startServer(holdfast, { folder: path, environment: { LOG_LEVEL: 'warn' } })
      const cookies = await asCookies(server, tokens)
      const { startedInMs } = server
      grown.push({ sessions, startedInMs, checks: [], signIns: [], memoryMb: undefined, server, cookies })
    }
    for (const { server, cookies } of grown) {
      await checkFor(server, cookies, options.warmUpSeconds)
      await signInFor(server, options.warmUpSeconds)
    }
    for (let round = 0; round < options.rounds; round += 1) {
      for (const one of grown) {
        one.checks.push(await checkFor(one.server, one.cookies, options.roundSeconds))
        one.signIns.push(await signInFor(one.server, options.roundSeconds))
      }
    }
    for (const one of grown) one.memoryMb = await readMemoryMb(one.server.pid)
    return grown.map(({ server: _server, cookies: _cookies, ...rest }) => rest)
  } finally {
    await Promise.all(grown.map(({ server }) => server.stop()))
  }
}

async function asCookies(server: RunningServer, tokens: readonly string[]): Promise<string[]> {
  const pool = new Pool(server.origin, { connections: 1 })
  const { cookie } = await signInOnce(pool, 'somebody@example.com')
  const name = cookie.slice(0, cookie.indexOf('='))
  const cookies = tokens.map((token) => `${name}=${token}`)
  const check = await call(pool, 'GET', '/auth/session', { cookie: cookies.at(-1) })
  await pool.close()
  if ((check.body as { state: string }).state !== 'signed_in') {
    throw new Error(`expected that a session made by SQL holds, got ${JSON.stringify(check.body)}`)
  }
  return cookies
}

/** One round of session checks, each of another person than the one before. */
async function checkFor(
  server: RunningServer,
  cookies: readonly string[],
  seconds: number,
): Promise<LoadRound> {
  const pool = new Pool(server.origin, { connections: inFlight })
  let next = 0
  const round = await measureRound(server.pid, async () => {
    const endsAtMs = performance.now() + seconds * 1000
    let done = 0
    async function checkRepeatedly(): Promise<void> {
      while (performance.now() < endsAtMs) {
        const { status } = await call(pool, 'GET', '/auth/session', {
          cookie: cookies[next++ % cookies.length],
        })
        if (status !== 200) throw new Error(`expected 200 from GET /auth/session, got ${status}`)
        done += 1
      }
    }
    await Promise.all(Array.from({ length: inFlight }, checkRepeatedly))
    return done
  })
  await pool.close()
  return round
}
