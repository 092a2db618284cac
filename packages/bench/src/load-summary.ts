import type { LoadRound } from './load-round.ts'
import { median } from './median.ts'
import type { Ratio, ResultRow } from './result-row.ts'

type Summary = Pick<ResultRow, 'value' | 'perCpuSecond' | 'serverBusy' | 'generatorBusy'>

/** Where others keep the cores busy, the faster server is held up more and the plain ratio flatters the slower. */
export function cpuTimeRatio(to: string, own: Summary, peer: Summary): Ratio[] {
  if (own.perCpuSecond === undefined || peer.perCpuSecond === undefined) return []
  return [{ to: `${to} (CPU)`, value: own.perCpuSecond / peer.perCpuSecond }]
}

/** The medians of the rounds. */
export function summarize(rounds: readonly LoadRound[]): Summary {
  const serverBusy = rounds.map((round) => round.serverBusy).filter((share) => share !== undefined)
  const perCpuSecond = rounds.map((round) => round.perCpuSecond).filter((rate) => rate !== undefined)
  return {
    value: median(rounds.map(perSecond)),
    generatorBusy: median(rounds.map((round) => round.generatorBusy)),
    ...(serverBusy.length === 0 ? {} : { serverBusy: median(serverBusy) }),
    ...(perCpuSecond.length === 0 ? {} : { perCpuSecond: median(perCpuSecond) }),
  }
}

export function perSecond(round: LoadRound): number {
  return round.perSecond
}
