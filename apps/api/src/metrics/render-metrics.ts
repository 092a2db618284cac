import { Counter, Registry } from 'prom-client'
import type { LiveKeyRing } from '../keys/live-key-ring.ts'
import type { Outbox } from '../mail/outbox.ts'
import type { Rejects } from '../rejects.ts'
import type { SignInWatch } from '../sign-in/sign-in-watch.ts'
import { addKeyMetrics } from './key-metrics.ts'
import { addMailMetrics } from './mail-metrics.ts'
import { addSignInMetrics } from './sign-in-metrics.ts'

const prefix = 'holdfast_'

export interface Measured {
  keys: LiveKeyRing
  outbox: Pick<Outbox, 'counts' | 'isMailServerDown' | 'readBacklog'>
  watch: SignInWatch
  rejects: Rejects
  purged: Iterable<[table: string, rows: number]>
}

/** Everything that is measured, in Prometheus' text format. The numbers are counted elsewhere and only read here. */
export async function renderMetrics(
  { keys, outbox, watch, rejects, purged }: Measured,
  nowMs: number,
): Promise<{ text: string; contentType: string }> {
  const registry = new Registry()
  const into = { prefix, registers: [registry], nowMs }
  addKeyMetrics(keys, into)
  addSignInMetrics({ rejects, watch }, into)
  addPurged(purged, into)
  const handOvers = await addMailMetrics(outbox, into)
  return { text: `${await registry.metrics()}\n${handOvers}`, contentType: registry.contentType }
}

function addPurged(purged: Measured['purged'], { registers }: { registers: Registry[] }): void {
  const deleted = new Counter({
    name: `${prefix}purged_rows_total`,
    help: 'Rows that this process deleted because they were long over, by table.',
    labelNames: ['table'],
    registers,
  })
  for (const [table, rows] of purged) deleted.inc({ table }, rows)
}
