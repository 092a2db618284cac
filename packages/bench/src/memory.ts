import { readFile } from 'node:fs/promises'

/** What a process holds in memory (RSS), in MB; `undefined` where there is no `/proc`. */
export async function readMemoryMb(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

/** The most that a process holds in memory while `work` lasts, looked at ten times a second. */
export async function peakMemoryMb<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; peakMb: number | undefined }> {
  const seen: number[] = []
  const look = async () => {
    const memoryMb = await readMemoryMb(pid)
    if (memoryMb !== undefined) seen.push(memoryMb)
  }
  const timer = setInterval(look, 100)
  try {
    const result = await work()
    await look()
    return { result, peakMb: seen.length === 0 ? undefined : Math.max(...seen) }
  } finally {
    clearInterval(timer)
  }
}
