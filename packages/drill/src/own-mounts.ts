import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { canMount } from './injected-fault.ts'

const variable = 'HOLDFAST_DRILL_MOUNTS'

/** Whether this process may mount small disks that nobody else sees. */
export function hasOwnMounts(): boolean {
  return process.env[variable] === 'own'
}

/** Whether a process can be given mounts of its own here. */
export function canHaveOwnMounts(): boolean {
  return canMount
}

/** Runs this same program once more, with mounts of its own, and resolves with its exit code. */
export async function runWithOwnMounts(): Promise<number> {
  const words = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const child = spawn('unshare', ['-m', ...words], {
    stdio: 'inherit',
    env: { ...process.env, [variable]: 'own' },
  })
  // A terminal sends its signals to both; others know this process only.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return exitCode ?? 1
}
