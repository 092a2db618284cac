import { db } from '@holdfast/store'
import { entryOf, spanOf } from '@holdfast/story'
import { type Finding, fine } from './finding.ts'
import type { Patient } from './patient.ts'

const hourMs = 3_600_000
/** A server looks every second, and a lease of a process that died runs out before this. */
const overdueMs = 30_000
const handOvers = ['code_handed_over', 'code_delayed', 'code_not_deliverable'] as const

const seeToMailServer =
  'see that the mail server of SMTP_URL answers, takes user and password, and takes the sender MAIL_FROM; holdfast mail test --to you@example.com shows where it does not'

/** Whether codes reach the mail server. */
export async function checkMail({ store, nowMs }: Patient): Promise<Finding[]> {
  const [waiting, recent] = await Promise.all([
    store.read(
      db
        .selectFrom('codes')
        .innerJoin('verifications', 'verifications.id', 'codes.verificationId')
        .select(['codes.delivery', 'codes.dueAtMs', 'verifications.sentAtMs'])
        .where('codes.sealed', 'is not', null)
        .where('codes.expiresAtMs', '>', nowMs),
    ),
    store.read(
      db
        .selectFrom('ledger')
        .selectAll()
        .where('atMs', '>', nowMs - hourMs)
        .where('event', 'in', handOvers)
        .orderBy('id', 'desc'),
    ),
  ])
  return [sayWaiting(waiting, lastReply(recent), nowMs), sayRecent(recent)]
}

interface WaitingMail {
  delivery: string
  dueAtMs: number
  sentAtMs: number
}

function sayWaiting(waiting: readonly WaitingMail[], reply: string, nowMs: number): Finding {
  const about = 'outbox'
  if (waiting.length === 0) return fine(about, 'no mail waits', { waiting: 0 })
  const oldestMs = nowMs - Math.min(...waiting.map(({ sentAtMs }) => sentAtMs))
  const delayed = waiting.filter(({ delivery }) => delivery === 'delayed' || delivery === 'unknown').length
  const overdue = waiting.filter(({ dueAtMs }) => nowMs - dueAtMs > overdueMs).length
  const data = { waiting: waiting.length, delayed, overdue, oldestSeconds: Math.floor(oldestMs / 1000) }
  const says = `mails that wait: ${waiting.length}, the oldest for ${spanOf(oldestMs)}`
  if (overdue > 0) {
    return { level: 'fault', about, says: `${says}: nobody hands them over`, remedy: 'start a server', data }
  }
  if (delayed > 0) {
    return {
      level: 'warning',
      about,
      says: `${says}; put off by the mail server: ${delayed}${reply === '' ? '' : ` (${reply})`}`,
      remedy: seeToMailServer,
      data,
    }
  }
  return fine(about, says, data)
}

type HandOver = Parameters<typeof entryOf>[0]

function sayRecent(recent: readonly HandOver[]): Finding {
  const about = 'mails, last hour'
  const [sent, delayed, failed] = handOvers.map(
    (event) => recent.filter((row) => row.event === event).length,
  ) as [number, number, number]
  const says = `handed over ${sent}, put off ${delayed}, refused ${failed}`
  const data = { sent, delayed, failed }
  if (sent > 0 || delayed + failed < 3) return fine(about, says, data)
  return {
    level: 'warning',
    about,
    says: `${says}: no code got through (${lastReply(recent)})`,
    remedy: seeToMailServer,
    data,
  }
}

/** The latest that was no success. */
function lastReply(recent: readonly HandOver[]): string {
  const row = recent.find(({ event }) => event !== 'code_handed_over')
  const reply = row === undefined ? undefined : entryOf(row).detail.reply
  return reply === undefined ? '' : String(reply).replace(/\p{C}/gu, ' ')
}
