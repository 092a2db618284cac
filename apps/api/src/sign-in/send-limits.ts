import { mailboxOf } from '@holdfast/core'
import { sql } from 'kysely'
import { db } from '../store/tables.ts'
import type { SignInContext } from './sign-in-context.ts'

interface Limit {
  key: string
  most: number
  windowMs: number
}

const hourMs = 3_600_000

/**
 * Counts one send against every budget it falls under, in the store, so that a restart or a second process
 * gives nothing back. Returns when to come again once a budget is spent; a refused send is counted nowhere,
 * so nobody can spend another person's budget from beyond his own.
 */
export async function countSend(
  context: SignInContext,
  email: string,
  clientNetwork: string,
): Promise<{ retryAfterInSeconds: number } | undefined> {
  const nowMs = context.clock()
  const limits = limitsOf(context, email, clientNetwork)
  if (limits.length === 0) return undefined
  const spent = await context.store.read(
    db
      .selectFrom('limits')
      .selectAll()
      .where('windowEndsAtMs', '>', nowMs)
      .where(
        'key',
        'in',
        limits.map((limit) => limit.key),
      ),
  )
  const before = retryAfter(limits, spent, nowMs, 1)
  if (before !== undefined) return before
  const counted = await context.store.write(...limits.map((limit) => countOne(limit, nowMs)))
  return retryAfter(limits, counted.flat(), nowMs, 0)
}

function limitsOf({ policy }: SignInContext, email: string, clientNetwork: string): Limit[] {
  const { sendLimits } = policy
  const mailbox = mailboxOf(email)
  return [
    { key: `send|network|hour|${clientNetwork}`, most: sendLimits.perIpPerHour, windowMs: hourMs },
    { key: `send|mailbox|hour|${mailbox}`, most: sendLimits.perAddressPerHour, windowMs: hourMs },
    { key: `send|mailbox|day|${mailbox}`, most: sendLimits.perAddressPerDay, windowMs: 24 * hourMs },
    { key: 'send|all|hour', most: sendLimits.perHour, windowMs: hourMs },
  ].filter((limit) => limit.most > 0)
}

/** One statement counts and tells the count; the window starts anew once it has ended. */
function countOne(limit: Limit, nowMs: number) {
  const hasEnded = sql<boolean>`${sql.ref('limits.windowEndsAtMs')} <= ${nowMs}`
  return db
    .insertInto('limits')
    .values({ key: limit.key, count: 1, windowEndsAtMs: nowMs + limit.windowMs })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql`CASE WHEN ${hasEnded} THEN 1 ELSE ${sql.ref('limits.count')} + 1 END`,
        windowEndsAtMs: sql`CASE WHEN ${hasEnded} THEN ${nowMs + limit.windowMs} ELSE ${sql.ref('limits.windowEndsAtMs')} END`,
      }),
    )
    .returningAll()
}

/** `next` is what the send at hand would still add to the counts. */
function retryAfter(
  limits: readonly Limit[],
  counts: readonly { key: string; count: number; windowEndsAtMs: number }[],
  nowMs: number,
  next: number,
): { retryAfterInSeconds: number } | undefined {
  const most = new Map(limits.map((limit) => [limit.key, limit.most]))
  const over = counts.filter((row) => row.count + next > (most.get(row.key) ?? 0))
  if (over.length === 0) return undefined
  const latestMs = Math.max(...over.map((row) => row.windowEndsAtMs))
  return { retryAfterInSeconds: Math.max(1, Math.ceil((latestMs - nowMs) / 1000)) }
}
