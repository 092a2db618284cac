import { Counter, Gauge, type Registry } from 'prom-client'
import type { Outbox } from '../mail/outbox.ts'
import { histogramText } from './histogram-text.ts'

/** Adds what is known of mails to the registers; the text that comes back is one more metric. */
export async function addMailMetrics(
  outbox: Pick<Outbox, 'counts' | 'isMailServerDown' | 'readBacklog'>,
  { prefix, registers, nowMs }: { prefix: string; registers: Registry[]; nowMs: number },
): Promise<string> {
  const { attempts, expired, handOverSeconds } = outbox.counts
  const tried = new Counter({
    name: `${prefix}outbox_attempts_total`,
    help: 'Tries of this process to hand a mail over, by what came of them.',
    labelNames: ['result'],
    registers,
  })
  for (const [result, count] of attempts) tried.inc({ result }, count)
  new Counter({
    name: `${prefix}outbox_expired_total`,
    help: 'Codes that expired before their mail was handed over, as this process has found.',
    registers,
  }).inc(expired)
  new Gauge({
    name: `${prefix}mail_server_up`,
    help: '0 from a fault of the mail server on until a mail is handed over again, as this process sees it.',
    registers,
  }).set(outbox.isMailServerDown ? 0 : 1)
  await addBacklog(outbox, { prefix, registers, nowMs })
  return histogramText(
    `${prefix}outbox_hand_over_seconds`,
    'Time from the request for a code to the reply that takes its mail over.',
    handOverSeconds,
  )
}

/** Of the store, and so the same in every process. Left out where the store does not answer. */
async function addBacklog(
  outbox: Pick<Outbox, 'readBacklog'>,
  { prefix, registers, nowMs }: { prefix: string; registers: Registry[]; nowMs: number },
): Promise<void> {
  const backlog = await outbox.readBacklog().catch(() => undefined)
  if (backlog === undefined) return
  new Gauge({
    name: `${prefix}outbox_queued`,
    help: 'Mails that wait to be handed over, or are being handed over, in the store.',
    registers,
  }).set(backlog.waiting)
  new Gauge({
    name: `${prefix}outbox_oldest_age_seconds`,
    help: 'Time since the code of the oldest of them was asked for; 0 when there is none.',
    registers,
  }).set(Math.max(0, nowMs - (backlog.oldestAtMs ?? nowMs)) / 1000)
}
