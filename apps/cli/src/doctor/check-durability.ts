import { readRunningServers } from '@holdfast/store'
import { type Finding, fine } from './finding.ts'
import type { Patient } from './patient.ts'

/** SQLite's number for FULL: an fsync for each commit. */
const full = 2

/**
 * Whether kill -9, or a power cut, would lose anything that was answered. The journal mode is of the file; how a
 * process commits, only that process knows: each server notes what SQLite said to it.
 */
export async function checkDurability({ store }: Patient): Promise<Finding[]> {
  const { journalMode } = store
  const servers = await readRunningServers(store)
  const lax = servers.filter(({ synchronous }) => synchronous < full)
  const data = {
    journalMode,
    servers: servers.map(({ instance, synchronous }) => ({ instance, synchronous })),
  }
  if (journalMode !== 'wal' || lax.length > 0) {
    const why =
      journalMode === 'wal'
        ? `server ${lax[0]?.instance} commits without an fsync (synchronous ${lax[0]?.synchronous})`
        : 'the journal mode of the file is not WAL'
    return [
      {
        level: 'fault',
        about: 'kill -9',
        says: `may lose answered writes: ${why}`,
        remedy: 'restart the servers: each one sets both at its start',
        data,
      },
    ]
  }
  const how =
    servers.length === 0
      ? 'each server sets synchronous=FULL at its start'
      : `synchronous=FULL in ${servers.map(({ instance }) => instance).join(', ')}`
  return [
    fine('kill -9', `would lose nothing that was answered (journal mode of the file: wal; ${how})`, data),
    fine(
      'last backup',
      'is not known to Holdfast: see "Back up" in docs/operations.md, and note it where it is made',
    ),
  ]
}
