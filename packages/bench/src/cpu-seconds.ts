import { readFile } from 'node:fs/promises'

/** What Linux reports process times in, on every platform that Node runs on. */
const ticksPerSecond = 100

/**
 * The CPU time that a process has used so far, user and system, all threads, in seconds. `undefined` where
 * there is no `/proc` (man 5 proc_pid_stat).
 */
export async function readCpuSeconds(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name and may hold anything, spaces and brackets included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
