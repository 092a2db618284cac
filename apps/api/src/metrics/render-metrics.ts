import { settleStates } from '@holdfast/core'
import { Counter, Gauge, Registry } from 'prom-client'
import type { LiveKeyRing } from './keys/live-key-ring.ts'
import type { Rejects } from './rejects.ts'
import type { SignInWatch } from './sign-in/sign-in-watch.ts'

const prefix = 'holdfast_'

export interface Measured {
  keys: LiveKeyRing
  watch: SignInWatch
  rejects: Rejects
  purged: Iterable<[table: string, rows: number]>
}

/** Everything that is measured, in Prometheus' text format. The numbers are counted elsewhere and only read here. */
export async function renderMetrics(
  { keys, watch, rejects, purged }: Measured,
  nowMs: number,
): Promise<{ text: string; contentType: string }> {
  const registry = new Registry()
  const registers = [registry]
  const { record, tokenChecks } = keys

  const age = new Gauge({
    name: `${prefix}key_age_seconds`,
    help: 'Time since a key of the ring was made; a key whose making is not known has no age.',
    labelNames: ['kid', 'state'],
    registers,
  })
  for (const { kid, state, createdAtMs, secret } of settleStates(record, nowMs).keys) {
    if (createdAtMs !== null && secret !== null) age.set({ kid, state }, (nowMs - createdAtMs) / 1000)
  }
  const checks = new Counter({
    name: `${prefix}key_verifications_total`,
    help: 'Session tokens that were presented, by the key they name and its state then.',
    labelNames: ['kid', 'state'],
    registers,
  })
  for (const { kid, state, count } of tokenChecks.counts) checks.inc({ kid, state }, count)
  new Gauge({ name: `${prefix}key_ring_epoch`, help: 'Epoch of the key ring in use.', registers }).set(
    record.epoch,
  )
  new Counter({
    name: `${prefix}key_ring_reloads_total`,
    help: 'Changed key rings that were taken into use.',
    registers,
  }).inc(keys.reloads)
  new Counter({
    name: `${prefix}key_ring_reload_failures_total`,
    help: 'Looks at the key source that found no ring, or one that was refused; the last good one stays in use.',
    registers,
  }).inc(keys.reloadFailures)
  const rejected = new Counter({
    name: `${prefix}rejects_total`,
    help: 'Sessions, sign-ins and verifications that were not accepted, by the code of the answer and the reason.',
    labelNames: ['code', 'reason'],
    registers,
  })
  for (const { code, reason, count } of rejects.counts) rejected.inc({ code, reason }, count)
  const deleted = new Counter({
    name: `${prefix}purged_rows_total`,
    help: 'Rows that this process deleted because they were long over, by table.',
    labelNames: ['table'],
    registers,
  })
  for (const [table, rows] of purged) deleted.inc({ table }, rows)
  addWatch(watch, registers)
  return { text: await registry.metrics(), contentType: registry.contentType }
}

function addWatch({ guesses, alarms }: SignInWatch, registers: Registry[]): void {
  const guessed = new Counter({
    name: `${prefix}guesses_total`,
    help: 'Codes that were compared, right or wrong.',
    labelNames: ['result'],
    registers,
  })
  for (const [result, count] of Object.entries(guesses)) guessed.inc({ result }, count)
  const raised = new Counter({
    name: `${prefix}alarms_total`,
    help: 'Alarms that were raised, each at most once in an hour.',
    labelNames: ['alarm'],
    registers,
  })
  for (const [alarm, count] of alarms) raised.inc({ alarm }, count)
}
