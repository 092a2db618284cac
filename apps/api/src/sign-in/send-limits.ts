import { mailboxOf } from '@holdfast/core'
import { db, isDuplicate, prepared } from '@holdfast/store'
import { sql } from 'kysely'
import { guessLimitOf, sendWaitUntil } from './guess-limit.ts'
import { addToRunning, dayMs, hourMs, isRunning, secondsUntil } from './limit-window.ts'
import type { RateLimit } from './rate-limit.ts'
import type { SignInContext } from './sign-in-context.ts'

export type CountedSend =
  | { ok: true; rateLimits: RateLimit[] }
  | { ok: false; retryAfterInSeconds: number; rateLimits: RateLimit[] }

/** Every budget that a send falls under, by its key in the store, and the most that it allows; 0 for no limit. */
interface SendLimits {
  nowMs: number
  network: string
  mostOfNetwork: number
  mailboxHour: string
  mostOfMailboxHour: number
  mailboxDay: string
  mostOfMailboxDay: number
  all: string
  mostOfAll: number
  /** Not counted here: nobody is sent a code while the guesses at the address have to wait. */
  guesses: string
  mostOfGuesses: number
}

function countedBudgets(limits: SendLimits) {
  return sql`VALUES (${limits.network}, ${limits.mostOfNetwork}, ${sql.lit(hourMs)}),
    (${limits.mailboxHour}, ${limits.mostOfMailboxHour}, ${sql.lit(hourMs)}),
    (${limits.mailboxDay}, ${limits.mostOfMailboxDay}, ${sql.lit(dayMs)}),
    (${limits.all}, ${limits.mostOfAll}, ${sql.lit(hourMs)})`
}

const budget = {
  key: sql.ref<string>('budget.column1'),
  most: sql.ref<number>('budget.column2'),
  windowMs: sql.ref<number>('budget.column3'),
}

/** The budgets of which nothing is left, each with the time when there is. */
function spent(limits: SendLimits) {
  const { nowMs, guesses, mostOfGuesses } = limits
  const until = sql.ref<number>('limits.windowEndsAtMs')
  const waitUntil = sendWaitUntil(mostOfGuesses)
  return db
    .selectFrom('limits')
    .innerJoin(
      sql<object>`(${countedBudgets(limits)}, (${guesses}, ${mostOfGuesses}, ${sql.lit(dayMs)}))`.as(
        'budget',
      ),
      (join) => join.on(sql<boolean>`${budget.key} = ${sql.ref('limits.key')}`),
    )
    .select(['limits.key', 'limits.count', 'limits.windowEndsAtMs', waitUntil.as('waitUntilMs')])
    .where(sql<boolean>`${budget.most} > 0 AND ${sql.ref('limits.count')} >= ${budget.most}`)
    .where(isRunning(nowMs, budget.windowMs))
    .where(sql<boolean>`coalesce(${waitUntil}, ${until}) > ${nowMs}`)
}

const spentLimits = prepared(spent)

/** Counts in all budgets or in none, in one statement: no parallel send, in whatever process, comes between. */
const countInAll = prepared((limits: SendLimits) =>
  db
    .insertInto('limits')
    .columns(['key', 'count', 'windowEndsAtMs', 'waitUntilMs'])
    .expression(sql`SELECT ${budget.key}, 1, ${limits.nowMs} + ${budget.windowMs}, NULL
      FROM (${countedBudgets(limits)}) AS budget
      WHERE ${budget.most} > 0 AND NOT EXISTS ${spent(limits)}`)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(addToRunning(limits.nowMs)))
    .returning(['key', 'count', 'windowEndsAtMs']),
)

const giveBack = prepared(({ nowMs, network, mailboxHour, mailboxDay, all }: SendLimits) =>
  db
    .updateTable('limits')
    .set(({ eb }) => ({ count: eb('count', '-', 1) }))
    .where('key', 'in', [network, mailboxHour, mailboxDay, all])
    .where('count', '>', 0)
    .where('windowEndsAtMs', '>', nowMs),
)

/**
 * Counts one send against every budget it falls under, in the store, so that a restart or a second process
 * gives nothing back. Whoever is beyond one budget adds to no other, so nobody can spend another person's
 * budget from beyond his own.
 */
export async function countSend(
  context: SignInContext,
  email: string,
  clientNetwork: string,
): Promise<CountedSend> {
  const limits = sendLimitsOf(context, email, clientNetwork)
  if (!hasLimit(limits)) return { ok: true, rateLimits: [] }
  const [over, counted] = await context.store.write(spentLimits(limits), countInAll(limits))
  const ofAll = [...over, ...counted].find(({ key }) => key === limits.all)
  if (ofAll !== undefined) context.watch.sent(ofAll.count, limits.mostOfAll, ofAll.windowEndsAtMs)
  if (over.length > 0) return refuse(limits, over)
  const ofNetwork = counted.find(({ key }) => key === limits.network)
  return { ok: true, rateLimits: ofNetwork === undefined ? [] : [networkLimit(limits, ofNetwork)] }
}

/** For a send that was counted, and turns out to be one that was made already. */
export function giveBackDuplicate(context: SignInContext, email: string, clientNetwork: string) {
  return async function giveBackAndThrow(error: unknown): Promise<never> {
    if (isDuplicate(error)) await giveBackSend(context, email, clientNetwork)
    throw error
  }
}

/** A send that was counted did not take place. */
export async function giveBackSend(
  context: SignInContext,
  email: string,
  clientNetwork: string,
): Promise<void> {
  await context.store.write(giveBack(sendLimitsOf(context, email, clientNetwork)))
}

function sendLimitsOf(context: SignInContext, email: string, clientNetwork: string): SendLimits {
  const { perIpPerHour, perAddressPerHour, perAddressPerDay, perHour } = context.policy.sendLimits
  const mailbox = mailboxOf(email)
  const guesses = guessLimitOf(context, email)
  return {
    nowMs: context.clock(),
    network: `send|network|hour|${clientNetwork}`,
    mostOfNetwork: perIpPerHour,
    mailboxHour: `send|mailbox|hour|${mailbox}`,
    mostOfMailboxHour: perAddressPerHour,
    mailboxDay: `send|mailbox|day|${mailbox}`,
    mostOfMailboxDay: perAddressPerDay,
    all: 'send|all|hour',
    mostOfAll: perHour,
    guesses: guesses.key,
    mostOfGuesses: guesses.most,
  }
}

function hasLimit(limits: SendLimits): boolean {
  const { mostOfNetwork, mostOfMailboxHour, mostOfMailboxDay, mostOfAll, mostOfGuesses } = limits
  return mostOfNetwork + mostOfMailboxHour + mostOfMailboxDay + mostOfAll + mostOfGuesses > 0
}

interface SpentRow {
  key: string
  windowEndsAtMs: number
  waitUntilMs: number | null
}

/** Says when to come again, and whose budget it is only where that is the caller's own. */
function refuse({ nowMs, network, mostOfNetwork }: SendLimits, over: readonly SpentRow[]): CountedSend {
  const untilMs = Math.max(...over.map(endOf))
  const resetsInSeconds = secondsUntil(untilMs, nowMs)
  const isOwn = over.every(({ key }) => key === network)
  const rateLimit: RateLimit = isOwn
    ? { name: 'network', most: mostOfNetwork, left: 0, windowInSeconds: hourMs / 1000, resetsInSeconds }
    : { name: 'send', most: 1, left: 0, resetsInSeconds }
  return { ok: false, retryAfterInSeconds: resetsInSeconds, rateLimits: [rateLimit] }
}

function endOf({ windowEndsAtMs, waitUntilMs }: SpentRow): number {
  return Math.min(windowEndsAtMs, waitUntilMs ?? windowEndsAtMs)
}

function networkLimit(
  { nowMs, mostOfNetwork }: SendLimits,
  { count, windowEndsAtMs }: { count: number; windowEndsAtMs: number },
): RateLimit {
  return {
    name: 'network',
    most: mostOfNetwork,
    left: mostOfNetwork - count,
    windowInSeconds: hourMs / 1000,
    resetsInSeconds: secondsUntil(windowEndsAtMs, nowMs),
  }
}
