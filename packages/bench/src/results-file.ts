import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../bench-results/', import.meta.url))

/** Keeps a run as JSON, with the machine it ran on and every single round, and returns where. */
export async function writeResults(results: object): Promise<string> {
  const at = new Date().toISOString()
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: availableParallelism() }
  const path = `${folder}${at.replaceAll(':', '-')}.json`
  await mkdir(folder, { recursive: true })
  await writeFile(path, `${JSON.stringify({ at, machine, ...results }, mapsAsObjects, 2)}\n`)
  return path
}

function mapsAsObjects(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value
}
