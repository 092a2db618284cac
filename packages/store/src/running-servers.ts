import { interruptedEntries, releaseLeases } from './interrupted-mails.ts'
import { ledgerEntry } from './ledger.ts'
import type { Query, Store } from './store.ts'
import { db } from './tables.ts'

/** A server that has started on the store and whose end is not recorded yet. */
export interface RunningServer {
  /** Names the process: its id may be that of another one tomorrow, or in the next container. */
  instance: string
  version: string
  pid: number
  startedAtMs: number
  /** What SQLite said to that process of how it commits. */
  journalMode: string
  synchronous: number
}

const prefix = 'running:'

export async function readRunningServers(store: Pick<Store, 'read'>): Promise<RunningServer[]> {
  const rows = await store.read(
    db.selectFrom('meta').select('value').where('key', 'like', `${prefix}%`).orderBy('value'),
  )
  return rows.map(({ value }) => JSON.parse(value))
}

/** Tells the ledger of a start, and has the next one look whether this server still lives. */
export function recordServerStart(server: RunningServer, kid: string): Query<unknown>[] {
  return [
    db.insertInto('meta').values({ key: prefix + server.instance, value: JSON.stringify(server) }),
    tellServerStart(server, kid),
  ]
}

/** Tells the ledger alone: of a server that has no mark of life nobody could say later whether it lives. */
export function tellServerStart(server: RunningServer, kid: string): Query<unknown> {
  const { instance, version, pid, startedAtMs } = server
  return ledgerEntry({ atMs: startedAtMs, event: 'server_started', kid, detail: { instance, version, pid } })
}

export function recordServerStop(instance: string, nowMs: number): Query<unknown>[] {
  return [ledgerEntry({ atMs: nowMs, event: 'server_stopped', detail: { instance } }), forgetServer(instance)]
}

/** How a server ended that did not say so itself. */
export type ServerLoss =
  /** It was killed, or the machine went down. */
  | { event: 'server_crashed'; lastAliveAtMs: number }
  /** It ran on another file, of which this one is a copy: a backup that was restored, or a store that was moved. */
  | { event: 'store_copied' }

/**
 * Records the end of a server, unless somebody else has: one that starts at the same time, or itself. The mails that
 * it was handing over are due at once.
 */
export async function recordServerLoss(
  store: Store,
  { instance, startedAtMs }: RunningServer,
  loss: ServerLoss,
  nowMs: number,
): Promise<{ isRecorded: boolean }> {
  const detail = {
    instance,
    startedAtMs,
    ...(loss.event === 'server_crashed' ? { lastAliveAtMs: Math.max(startedAtMs, loss.lastAliveAtMs) } : {}),
  }
  const [, forgotten] = await store.write(
    db
      .insertInto('ledger')
      .columns(['atMs', 'event', 'detail'])
      .expression(
        db
          .selectFrom('meta')
          .select(({ val }) => [
            val(nowMs).as('atMs'),
            val(loss.event).as('event'),
            val(JSON.stringify(detail)).as('detail'),
          ])
          .where('key', '=', prefix + instance),
      ),
    forgetServer(instance),
    interruptedEntries(db.selectFrom('codes').where('codes.leasedBy', '=', instance), nowMs),
    releaseLeases(instance, nowMs),
  )
  return { isRecorded: forgotten.length > 0 }
}

function forgetServer(instance: string): Query<{ key: string }> {
  return db
    .deleteFrom('meta')
    .where('key', '=', prefix + instance)
    .returning('key')
}
