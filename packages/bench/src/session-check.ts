import autocannon from 'autocannon'
import { Pool } from 'undici'
import type { BenchOptions } from './bench-options.ts'
import { bareKoa, holdfast, koaSessionMap } from './contestants.ts'
import { type LoadRound, measureRound } from './load-round.ts'
import { type RunningServer, startServer } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'
import { call, signInOnce } from './whole-sign-in.ts'

const connections = 16

export interface Target {
  server: RunningServer
  path: string
  /** One session for each connection. */
  cookies: string[]
}

export interface SessionCheckRounds {
  bareKoa: LoadRound[]
  koaSession: LoadRound[]
  holdfast: LoadRound[]
  /** The page instead of the JSON, rendered from the same sessions. */
  page: LoadRound[]
}

/** Asks each server for the session of somebody who is signed in, the servers taking turns. */
export async function measureSessionCheck(
  options: BenchOptions,
  folder: TemporaryFolder,
): Promise<SessionCheckRounds> {
  const servers = await Promise.all([
    startServer(bareKoa, { folder: folder.next() }),
    startServer(koaSessionMap, { folder: folder.next() }),
    startServer(holdfast, { folder: folder.next(), environment: { LOG_LEVEL: 'warn' } }),
  ])
  try {
    const cookies = await signInMany(servers[2])
    const targets = {
      bareKoa: { server: servers[0], path: '/', cookies: [] },
      koaSession: { server: servers[1], path: '/', cookies: await loginToKoaSession(servers[1]) },
      holdfast: { server: servers[2], path: '/auth/session', cookies },
      page: { server: servers[2], path: '/', cookies },
    }
    for (const target of Object.values(targets)) await loadOnce(target, options.warmUpSeconds)
    const rounds: SessionCheckRounds = { bareKoa: [], koaSession: [], holdfast: [], page: [] }
    for (let round = 0; round < options.rounds; round += 1) {
      for (const name of ['bareKoa', 'koaSession', 'holdfast', 'page'] as const) {
        rounds[name].push(await loadOnce(targets[name], options.roundSeconds))
      }
    }
    return rounds
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

/** Signs in once for each connection that the load will use. */
export async function signInMany(server: RunningServer): Promise<string[]> {
  const pool = new Pool(server.origin, { connections: 1 })
  const cookies: string[] = []
  for (let index = 0; index < connections; index += 1) {
    cookies.push((await signInOnce(pool, `check-${index}@example.com`)).cookie)
  }
  await pool.close()
  return cookies
}

async function loginToKoaSession(server: RunningServer): Promise<string[]> {
  const pool = new Pool(server.origin, { connections: 1 })
  const cookies: string[] = []
  for (let index = 0; index < connections; index += 1) {
    const { cookie } = await call(pool, 'GET', '/login', {})
    const check = await call(pool, 'GET', '/', { cookie })
    if ((check.body as { state: string }).state !== 'signed_in') throw new Error('the peer does not sign in')
    cookies.push(cookie ?? '')
  }
  await pool.close()
  return cookies
}

/** One round of load on one route over connections that are kept alive; every answer must be a 200. */
export function loadOnce({ server, path, cookies }: Target, seconds: number): Promise<LoadRound> {
  let next = 0
  return measureRound(server.pid, async () => {
    const result = await autocannon({
      url: `${server.origin}${path}`,
      connections,
      duration: seconds,
      setupClient(client) {
        const cookie = cookies[next++ % connections]
        if (cookie !== undefined) client.setHeaders({ cookie })
      },
    })
    if (result.non2xx > 0 || result.errors > 0) {
      throw new Error(`${server.name}: ${result.non2xx} answers were no 200, ${result.errors} failed`)
    }
    return result.requests.total
  })
}
