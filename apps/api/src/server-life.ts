import { rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { base32, randomBytes } from '@holdfast/core'
import {
  holdLifeMark,
  type LifeMark,
  lifeMarkPath,
  type RunningServer,
  readLifeMark,
  readRunningServers,
  recordServerLoss,
  recordServerStart,
  recordServerStop,
  type SqliteStore,
  tellServerStart,
} from '@holdfast/store'
import type { Logger } from './logger.ts'

export interface ServerLifeOptions {
  /** Names this process. */
  instance: string
  store: SqliteStore
  storePath: string
  version: string
  signingKid: string
  clock: () => number
  logger: Logger
}

/** The life of this process, as the ledger is to tell it. */
export interface ServerLife {
  recordStop(): Promise<void>
  /** After the store is closed: nothing is to be told any more. */
  end(): Promise<void>
}

const touchEveryMs = 10_000
/** A lock that another process holds must not keep this one from stopping. */
const mostStopWaitMs = 2_000

/** A name for a process: its id may be that of another one tomorrow, or in the next container. */
export function nameInstance(): string {
  return base32(randomBytes(5))
}

/** Records that this server starts, and before that how those ended that could not record it themselves. */
export async function recordLife(options: ServerLifeOptions): Promise<ServerLife> {
  const { store, storePath, clock, logger } = options
  await recordLosses(options)
  const server = await describeServer(options)
  const { instance } = options
  const markPath = lifeMarkPath(storePath, instance)
  const mark = tryToHold(markPath, logger)
  const { signingKid } = options
  if (mark === undefined) await store.write(tellServerStart(server, signingKid))
  else await store.write(...recordServerStart(server, signingKid))
  const touching = setInterval(() => mark?.touch().catch(() => {}), touchEveryMs)
  touching.unref()
  let recording: Promise<boolean> = Promise.resolve(false)

  return {
    async recordStop() {
      recording = store.write(...recordServerStop(instance, clock())).then(
        () => true,
        (error: Error) => {
          logger.warn('the stop is not in the ledger: the next start tells it as a crash', {
            cause: error.message,
          })
          return false
        },
      )
      await Promise.race([recording, wait(mostStopWaitMs, undefined, { ref: false })])
    },
    async end() {
      clearInterval(touching)
      mark?.release()
      if (await recording) await rm(markPath, { force: true })
    },
  }
}

async function recordLosses(options: ServerLifeOptions): Promise<void> {
  for (const server of await readRunningServers(options.store)) {
    const sign = await readLifeMark(lifeMarkPath(options.storePath, server.instance))
    if (sign.state === 'gone') await recordCrash(options, server, sign.lastAliveAtMs)
    else if (sign.state === 'missing') await recordCopy(options, server)
  }
}

async function recordCrash(
  { store, storePath, clock, logger }: ServerLifeOptions,
  server: RunningServer,
  lastAliveAtMs: number,
): Promise<void> {
  const { instance } = server
  const { isRecorded } = await recordServerLoss(
    store,
    server,
    { event: 'server_crashed', lastAliveAtMs },
    clock(),
  )
  // A mark that stays, such as a folder in its place, is not asked about again: its server is on record.
  await rm(lifeMarkPath(storePath, instance), { force: true }).catch((error: Error) =>
    logger.warn('a mark of life cannot be removed', { cause: error.message }),
  )
  if (!isRecorded) return
  logger.warn('a server ended without a stop', {
    instance,
    lastAliveAt: new Date(lastAliveAtMs).toISOString(),
  })
}

async function recordCopy({ store, clock, logger }: ServerLifeOptions, server: RunningServer): Promise<void> {
  const nowMs = clock()
  const { isRecorded } = await recordServerLoss(store, server, { event: 'store_copied' }, nowMs)
  if (!isRecorded) return
  logger.warn('the store is a copy, perhaps a restored backup: sign-ins that ended since may be back', {
    copiedWhileRan: server.instance,
    remedy: `holdfast sessions end --before ${new Date(nowMs).toISOString()}`,
  })
}

async function describeServer({
  instance,
  store,
  version,
  clock,
}: ServerLifeOptions): Promise<RunningServer> {
  const [journal, synchronous] = await Promise.all([
    store.query('PRAGMA journal_mode', []) as Promise<{ journal_mode: string }[]>,
    store.query('PRAGMA synchronous', []) as Promise<{ synchronous: number }[]>,
  ])
  return {
    instance,
    version,
    pid: process.pid,
    startedAtMs: clock(),
    journalMode: journal[0]?.journal_mode ?? 'unknown',
    synchronous: synchronous[0]?.synchronous ?? -1,
  }
}

function tryToHold(path: string, logger: Logger): LifeMark | undefined {
  try {
    return holdLifeMark(path)
  } catch (error) {
    logger.warn('no mark of life beside the store: a crash of this server will not be noticed', {
      cause: (error as Error).message,
    })
    return undefined
  }
}
