import { mailboxOf } from '@holdfast/core'
import { db, prepared } from '@holdfast/store'
import { sql } from 'kysely'
import type { SignInContext } from './sign-in-context.ts'

interface Limit {
  key: string
  most: number
  windowMs: number
}

const hourMs = 3_600_000

const countOf = prepared(({ key, nowMs }: { key: string; nowMs: number }) =>
  db.selectFrom('limits').selectAll().where('key', '=', key).where('windowEndsAtMs', '>', nowMs),
)

/** One statement counts and tells the count; the window starts anew once it has ended. */
const countOne = prepared((values: { key: string; nowMs: number; windowEndsAtMs: number }) => {
  const { key, nowMs, windowEndsAtMs } = values
  const hasEnded = sql<boolean>`${sql.ref('limits.windowEndsAtMs')} <= ${nowMs}`
  return db
    .insertInto('limits')
    .values({ key, count: sql.lit(1), windowEndsAtMs, waitUntilMs: null })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql`CASE WHEN ${hasEnded} THEN 1 ELSE ${sql.ref('limits.count')} + 1 END`,
        windowEndsAtMs: sql`CASE WHEN ${hasEnded} THEN ${windowEndsAtMs} ELSE ${sql.ref('limits.windowEndsAtMs')} END`,
      }),
    )
    .returningAll()
})

/**
 * Counts one send against every budget it falls under, in the store, so that a restart or a second process
 * gives nothing back. Returns when to come again once a budget is spent. Whoever is beyond one budget adds
 * to no other, so nobody can spend another person's budget from beyond his own.
 */
export async function countSend(
  context: SignInContext,
  email: string,
  clientNetwork: string,
): Promise<{ retryAfterInSeconds: number } | undefined> {
  const nowMs = context.clock()
  const limits = limitsOf(context, email, clientNetwork)
  if (limits.length === 0) return undefined
  const spent = await Promise.all(limits.map(({ key }) => context.store.read(countOf({ key, nowMs }))))
  const before = retryAfter(limits, spent.flat(), nowMs, 1)
  if (before !== undefined) return before
  const counted = await context.store.write(
    ...limits.map(({ key, windowMs }) => countOne({ key, nowMs, windowEndsAtMs: nowMs + windowMs })),
  )
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
