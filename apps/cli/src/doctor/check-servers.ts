import { db } from '@holdfast/store'
import { type Entry, entryOf, isoTime, spanOf } from '@holdfast/story'
import { type Finding, fine } from './finding.ts'
import type { Patient } from './patient.ts'

const about = 'servers'
const dayMs = 86_400_000
const beginningsAndEnds = ['server_started', 'server_stopped', 'server_crashed', 'store_copied']

/** Which servers run, how the others ended, and whether the clock fits what is recorded. */
export async function checkServers(patient: Patient): Promise<Finding[]> {
  const { store, nowMs } = patient
  const rows = await store.read(
    db
      .selectFrom('ledger')
      .selectAll()
      .where('event', 'in', beginningsAndEnds)
      .orderBy('id', 'desc')
      .limit(1000),
  )
  const entries = rows.map(entryOf)
  return [
    ...checkRunning(patient),
    sayLast(entries),
    ...sayCrashes(entries, nowMs),
    await checkClock(patient),
  ]
}

function checkRunning({ servers, nowMs }: Patient): Finding[] {
  const alive: string[] = []
  const findings: Finding[] = []
  for (const { instance, pid, version, startedAtMs, state } of servers) {
    if (state === 'alive') alive.push(`${instance} (pid ${pid}, version ${version})`)
    else if (state === 'gone') {
      findings.push({
        level: 'fault',
        about,
        says: `server ${instance}, started at ${isoTime(startedAtMs)}, was killed or went down with its machine, and none has started since`,
        remedy: 'start a server: what was under way goes on where it was',
      })
    } else {
      findings.push({
        level: 'warning',
        about,
        says: `this file is a copy that was made while server ${instance} ran, perhaps a restored backup: sign-ins that ended since may be back`,
        remedy: `holdfast sessions end --before ${isoTime(nowMs)}`,
      })
    }
  }
  const running = alive.length === 0 ? 'none runs' : `running: ${alive.join(', ')}`
  return [fine(about, running, { running: alive.length }), ...findings]
}

function sayLast(entries: readonly Entry[]): Finding {
  const [started, stopped, crashed] = beginningsAndEnds.map((event) =>
    entries.find((entry) => entry.event === event),
  )
  const last = { start: timeOf(started), stop: timeOf(stopped), crash: timeOf(crashed) }
  const says = Object.entries(last).map(([what, at]) => `${what} ${at ?? 'none'}`)
  return fine('the last', says.join(', '), last)
}

function timeOf(entry: Entry | undefined): string | null {
  return entry === undefined ? null : isoTime(entry.atMs)
}

function sayCrashes(entries: readonly Entry[], nowMs: number): Finding[] {
  const recent = entries.filter(({ event, atMs }) => event === 'server_crashed' && nowMs - atMs < dayMs)
  const copied = entries.find(({ event, atMs }) => event === 'store_copied' && nowMs - atMs < dayMs)
  return [
    ...(recent.length === 0
      ? []
      : [
          {
            level: 'warning' as const,
            about: 'crashes',
            says: `servers that ended without a stop in the last 24 h: ${recent.length}`,
            remedy:
              'see why: the log, the out-of-memory killer, whoever sends SIGKILL before ten seconds are over',
            data: { count: recent.length },
          },
        ]),
    ...(copied === undefined
      ? []
      : [
          {
            level: 'warning' as const,
            about: 'copy',
            says: `at ${isoTime(copied.atMs)} a server started on a copy of its store, perhaps a restored backup`,
            remedy: `unless that is done: holdfast sessions end --before ${isoTime(copied.atMs)}`,
          },
        ]),
  ]
}

/** Two clocks of one machine differ by less. */
const toleratedMs = 60_000

async function checkClock({ store, nowMs }: Patient): Promise<Finding> {
  const [row] = await store.read(
    db
      .selectFrom('ledger')
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('atMs').as('latestMs')])
      .where('atMs', '>', nowMs + toleratedMs),
  )
  const now = isoTime(nowMs)
  if (row === undefined || row.count === 0) return fine('clock', `${now}, and nothing was recorded later`)
  return {
    level: 'warning',
    about: 'clock',
    says: `it is ${now} here, but ${row.count} rows of the ledger are later, by up to ${spanOf((row.latestMs ?? nowMs) - nowMs)}`,
    remedy: 'set the clock right, and keep it so by NTP: codes and sign-ins end by it',
    data: { rowsInTheFuture: row.count },
  }
}
