import type { DurationBuckets } from './duration-buckets.ts'

/**
 * A histogram in Prometheus' text format 0.0.4, of what was counted before anybody asked: the one of prom-client knows
 * only what it was told itself, and is not loaded before the first scrape.
 */
export function histogramText(name: string, help: string, buckets: DurationBuckets): string {
  const { count, sum } = buckets
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...buckets.cumulative().map((upTo) => `${name}_bucket{le="${upTo.bound}"} ${upTo.count}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sum}`,
    `${name}_count ${count}`,
    '',
  ].join('\n')
}
