import { cpus } from 'node:os'
import { readCpuSeconds } from './cpu-seconds.ts'

/** What one round of load did to a server, and how busy either side was. */
export interface LoadRound {
  perSecond: number
  /** Per second of the server's CPU time; what a core could do that nothing else held up. */
  perCpuSecond: number | undefined
  /** Share of one core that the server used; the rest it waited, mostly for the disk. */
  serverBusy: number | undefined
  /** Share of the time in which the load generator was not idle. Near 1 it would be the bottleneck. */
  generatorBusy: number
  /** Cores that neither of the two used and that were busy all the same: how much others disturbed. */
  coresBusyWithOthers: number | undefined
}

/** Runs `load`, which resolves with how many things it got done, and measures the server meanwhile. */
export async function measureRound(pid: number, load: () => Promise<number>): Promise<LoadRound> {
  const cpuBefore = await readCpuSeconds(pid)
  const machineBefore = machineCpuSeconds()
  const ownBefore = process.cpuUsage()
  const eventLoopBefore = performance.eventLoopUtilization()
  const startedAtMs = performance.now()
  const done = await load()
  const seconds = (performance.now() - startedAtMs) / 1000
  const cpuAfter = await readCpuSeconds(pid)
  const cpuSeconds = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore
  const own = process.cpuUsage(ownBefore)
  const others = machineCpuSeconds() - machineBefore - (own.user + own.system) / 1e6 - (cpuSeconds ?? 0)
  return {
    perSecond: done / seconds,
    perCpuSecond: cpuSeconds === undefined ? undefined : done / cpuSeconds,
    serverBusy: cpuSeconds === undefined ? undefined : cpuSeconds / seconds,
    generatorBusy: performance.eventLoopUtilization(eventLoopBefore).utilization,
    coresBusyWithOthers: cpuSeconds === undefined ? undefined : Math.max(0, others / seconds),
  }
}

function machineCpuSeconds(): number {
  const busyMs = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq)
  return busyMs.reduce((sum, ms) => sum + ms, 0) / 1000
}
