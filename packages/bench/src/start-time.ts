import type { BenchOptions } from './bench-options.ts'
import { bareKoa, type Contestant, holdfast } from './contestants.ts'
import { startServer } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** Milliseconds from the start of the process to its first 200, one for each start. */
export interface StartTimes {
  bareKoa: number[]
  freshFolder: number[]
  existingFolder: number[]
}

/** Starts and stops the servers in turn: Holdfast once on an empty folder, once on one that it knows. */
export async function measureStarts(options: BenchOptions, folder: TemporaryFolder): Promise<StartTimes> {
  const peerFolder = folder.next()
  const existing = folder.next()
  await startOnce(bareKoa, peerFolder)
  await startOnce(holdfast, existing)
  const times: StartTimes = { bareKoa: [], freshFolder: [], existingFolder: [] }
  for (let start = 0; start < options.starts; start += 1) {
    times.bareKoa.push(await startOnce(bareKoa, peerFolder))
    times.freshFolder.push(await startOnce(holdfast, folder.next()))
    times.existingFolder.push(await startOnce(holdfast, existing))
  }
  return times
}

async function startOnce(contestant: Contestant, folder: string): Promise<number> {
  const server = await startServer(contestant, { folder })
  await server.stop()
  return server.startedInMs
}
