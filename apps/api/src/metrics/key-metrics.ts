import { settleStates } from '@holdfast/core'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { LiveKeyRing } from '../keys/live-key-ring.ts'

export function addKeyMetrics(
  keys: LiveKeyRing,
  { prefix, registers, nowMs }: { prefix: string; registers: Registry[]; nowMs: number },
): void {
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
}
