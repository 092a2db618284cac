import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchOptions } from './bench-options.ts'
import { holdfast } from './contestants.ts'
import { type CpuProfile, type SelfTime, sumSelfTimes } from './self-time.ts'
import { type RunningServer, startServer } from './server-process.ts'
import { loadOnce, signInMany } from './session-check.ts'
import { signInFor } from './sign-in-load.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

const shown = 25
const sampleMicros = 250

/** Prints where the server's time goes while sessions are checked, and while people sign in. */
export async function printProfiles(options: BenchOptions, folder: TemporaryFolder): Promise<void> {
  await printProfile('session check', folder.next(), async (server) => {
    const cookies = await signInMany(server)
    return (seconds) => loadOnce({ server, path: '/auth/session', cookies }, seconds)
  })
  await printProfile('whole sign-ins', folder.next(), async (server) => {
    return (seconds) => signInFor(server, seconds)
  })

  async function printProfile(
    title: string,
    path: string,
    prepare: (server: RunningServer) => Promise<(seconds: number) => Promise<unknown>>,
  ): Promise<void> {
    const server = await startServer(holdfast, {
      folder: path,
      environment: { LOG_LEVEL: 'warn' },
      nodeOptions: ['--cpu-prof', '--cpu-prof-dir=.', `--cpu-prof-interval=${sampleMicros}`],
    })
    let period = { fromMicros: 0, toMicros: 0 }
    try {
      const load = await prepare(server)
      await load(options.warmUpSeconds)
      const fromMicros = nowMicros()
      await load(options.roundSeconds)
      period = { fromMicros, toMicros: nowMicros() }
    } finally {
      await server.stop()
    }
    const { places, functions } = sumSelfTimes(await readProfile(path), period)
    printShares(`${title}: self time by package and file`, places)
    printShares(`${title}: self time by function`, functions)
  }
}

async function readProfile(folder: string): Promise<CpuProfile> {
  const name = (await readdir(folder)).find((file) => file.endsWith('.cpuprofile'))
  if (name === undefined) throw new Error('the server wrote no profile; did it end by itself?')
  return JSON.parse(await readFile(join(folder, name), 'utf8'))
}

function printShares(title: string, times: readonly SelfTime[]): void {
  const lines = times.slice(0, shown).map(({ name, share }) => {
    return `${(share * 100).toFixed(1).padStart(5)} %  ${name}`
  })
  console.log(`\n${title}\n${lines.join('\n')}`)
}

function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1000n)
}
