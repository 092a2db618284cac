import type { StoreToRead } from '@holdfast/store'
import { type Finding, fine } from './finding.ts'
import type { KnownServer } from './known-servers.ts'
import type { Patient } from './patient.ts'

/** SQLite's number for FULL: an fsync for each commit. */
const full = 2

/**
 * Whether kill -9, or a power cut, would lose anything that was answered. The journal mode is of the file; how a
 * process commits, only that process knows: each server notes what SQLite said to it.
 */
export async function checkDurability({ store, servers }: Patient): Promise<Finding[]> {
  const backup = fine(
    'last backup',
    'is not known to Holdfast: see "Back up" in docs/operations.md, and note it where it is made',
  )
  return [sayKilled(store.journalMode, servers), backup]
}

function sayKilled(journalMode: StoreToRead['journalMode'], servers: readonly KnownServer[]): Finding {
  const about = 'kill -9'
  const running = servers.filter(({ state }) => state === 'alive')
  const data = {
    journalMode,
    servers: running.map(({ instance, synchronous }) => ({ instance, synchronous })),
  }
  const fault = whyNotDurable(journalMode, running)
  if (fault !== undefined) {
    const remedy = 'restart the servers: each one sets both at its start'
    return { level: 'fault', about, says: `may lose answered writes: ${fault}`, remedy, data }
  }
  const how =
    running.length === 0
      ? 'each server sets WAL and synchronous=FULL at its start, and none runs'
      : `journal mode of the file: wal; synchronous=FULL in ${running.map(({ instance }) => instance).join(', ')}`
  return fine(about, `would lose nothing that was answered (${how})`, data)
}

function whyNotDurable(
  journalMode: StoreToRead['journalMode'],
  running: readonly KnownServer[],
): string | undefined {
  const lax = running.find(({ synchronous }) => synchronous < full)
  if (lax !== undefined) {
    return `server ${lax.instance} commits without an fsync (synchronous ${lax.synchronous})`
  }
  return running.length > 0 && journalMode !== 'wal' ? 'the journal mode of the file is not WAL' : undefined
}
