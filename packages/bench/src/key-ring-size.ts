import { join } from 'node:path'
import { createKeyRingRecord, type KeyRingRecord, keyFileSource, rotateKeys } from '@holdfast/core'
import type { BenchOptions } from './bench-options.ts'
import { holdfast } from './contestants.ts'
import type { LoadRound } from './load-round.ts'
import { type RunningServer, startServer } from './server-process.ts'
import { loadOnce, signInMany } from './session-check.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** What a ring costs that has many keys: one signs, all verify. */
export interface KeyRingSizes {
  /** Milliseconds from the start of the process to its first 200, by the number of keys. */
  starts: Map<number, number[]>
  /** Session checks, by the number of keys. */
  checks: Map<number, LoadRound[]>
}

const startSizes = [1, 10, 100]
const checkSizes = [1, 10]
const dayMs = 86_400_000

/** Starts with rings of several sizes in turn, and then loads servers with several sizes in turn. */
export async function measureKeyRingSizes(
  options: BenchOptions,
  folder: TemporaryFolder,
): Promise<KeyRingSizes> {
  return { starts: await measureStarts(options, folder), checks: await measureChecks(options, folder) }
}

async function measureStarts(options: BenchOptions, folder: TemporaryFolder): Promise<Map<number, number[]>> {
  const folders = new Map<number, string>()
  for (const size of startSizes) folders.set(size, await folderWithRing(size, folder))
  const times = new Map<number, number[]>(startSizes.map((size) => [size, []]))
  for (let start = -1; start < options.starts; start += 1) {
    for (const [size, path] of folders) {
      const server = await startServer(holdfast, { folder: path })
      await server.stop()
      // The first start makes the store, which the others find.
      if (start >= 0) times.get(size)?.push(server.startedInMs)
    }
  }
  return times
}

async function measureChecks(
  options: BenchOptions,
  folder: TemporaryFolder,
): Promise<Map<number, LoadRound[]>> {
  const servers: { size: number; server: RunningServer }[] = []
  try {
    for (const size of checkSizes) {
      const path = await folderWithRing(size, folder)
      const environment = { LOG_LEVEL: 'warn' }
      servers.push({ size, server: await startServer(holdfast, { folder: path, environment }) })
    }
    const targets = []
    for (const { size, server } of servers) {
      const target = { server, path: '/auth/session', cookies: await signInMany(server) }
      await loadOnce(target, options.warmUpSeconds)
      targets.push({ size, target })
    }
    const rounds = new Map<number, LoadRound[]>(checkSizes.map((size) => [size, []]))
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { size, target } of targets) {
        rounds.get(size)?.push(await loadOnce(target, options.roundSeconds))
      }
    }
    return rounds
  } finally {
    await Promise.all(servers.map(({ server }) => server.stop()))
  }
}

/** A working folder whose ring has been rotated once a day until it had so many keys. */
async function folderWithRing(size: number, folder: TemporaryFolder): Promise<string> {
  const path = folder.next()
  const beganMs = Date.now() - size * dayMs
  let record: KeyRingRecord = createKeyRingRecord(beganMs)
  for (let index = 1; index < size; index += 1) {
    const nowMs = beganMs + index * dayMs
    record = rotateKeys(record, { nowMs, signsFromMs: nowMs })
  }
  await keyFileSource({ path: join(path, 'data', 'secret_key.txt') }).put(record)
  return path
}
