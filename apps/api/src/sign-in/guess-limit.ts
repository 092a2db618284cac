import { guessWaitMs, mailboxOf } from '@holdfast/core'
import { db, prepared } from '@holdfast/store'
import { type RawBuilder, sql } from 'kysely'
import { addToRunning, dayMs, isRunning } from './limit-window.ts'
import type { SignInContext } from './sign-in-context.ts'

/*
 * The budget of wrong guesses at one address, over all verifications and whoever guesses. A guess is counted
 * in the unit that takes its try, before it is compared; a verification that succeeds gives back what it had
 * counted, in the same unit. Once the budget is spent each further guess makes the next one wait
 * longer. A verification that has made no guess yet never waits: it may be the owner's own.
 */

export interface GuessLimit {
  key: string
  /** 0 for no limit. */
  most: number
}

interface GuessLimitAt extends GuessLimit {
  nowMs: number
}

export function guessLimitOf({ policy }: SignInContext, email: string): GuessLimit {
  return { key: `wrong|mailbox|day|${mailboxOf(email)}`, most: policy.wrongPerAddressPerDay }
}

/** Waiting for another code is not to shut out the owner of an address for which somebody else has spent the budget. */
const longestSendWaitMs = 15 * 60_000

/** Until when an address is sent no further code: as long as its guesses wait, and a quarter of an hour at most. */
export function sendWaitUntil(most: number): RawBuilder<number | null> {
  return sql<
    number | null
  >`${sql.ref('limits.waitUntilMs')} - max(0, ${waitFor(most)} - ${sql.lit(longestSendWaitMs)})`
}

/** Whether a guess at a verification has to wait, once it has made its first. */
export function mustWait(limit: GuessLimitAt): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref('verifications.attempts')} > 0
    AND EXISTS (SELECT 1 FROM limits WHERE ${isWaiting(limit)})`
}

/** Until when the next guess at a verification waits; no row when it does not. */
export const waitOf = prepared((values: GuessLimitAt & { verificationId: string }) =>
  db
    .selectFrom('verifications')
    .innerJoin('limits', (join) => join.on(isWaiting(values)))
    .select(['limits.waitUntilMs', 'limits.windowEndsAtMs'])
    .where('verifications.id', '=', values.verificationId)
    .where('verifications.attempts', '>', 0),
)

/**
 * A row of `limits` that lets the verification at hand wait. Its own guesses count once each here, however many
 * codes they could have hit, so that asking for codes again never costs anybody a try.
 */
function isWaiting({ key, most, nowMs }: GuessLimitAt) {
  const { ref } = sql
  return sql<boolean>`${ref('limits.key')} = ${key} AND ${most} > 0
    AND ${isRunning(nowMs, sql.lit(dayMs))} AND ${ref('limits.waitUntilMs')} > ${nowMs}
    AND ${ref('limits.count')} - ${ref('verifications.chances')} + ${ref('verifications.attempts')} >= ${most}`
}

/** How many codes a guess at a verification can hit: those that are still good. */
export function goodCodes(nowMs: number): RawBuilder<number> {
  const { ref } = sql
  return sql<number>`(SELECT count(*) FROM codes
    WHERE ${ref('codes.verificationId')} = ${ref('verifications.id')} AND ${ref('codes.expiresAtMs')} > ${nowMs})`
}

export type CountedGuess = GuessLimitAt & { verificationId: string; changeId: string; windowEndsAtMs: number }

/** Counts the guess that took the try before it in this unit, for each code that it can hit. */
const countGuess = prepared((values: CountedGuess) =>
  db
    .insertInto('limits')
    .columns(['key', 'count', 'windowEndsAtMs', 'waitUntilMs'])
    .expression(
      changed(values)
        .select(({ val, lit }) => [
          val(values.key).as('key'),
          goodCodes(values.nowMs).as('count'),
          val(values.windowEndsAtMs).as('windowEndsAtMs'),
          lit(null).as('waitUntilMs'),
        ])
        .where(({ val }) => sql<boolean>`${val(values.most)} > 0`),
    )
    .onConflict((conflict) => conflict.column('key').doUpdateSet(addToRunning(values.nowMs))),
)

const beginWait = prepared((values: CountedGuess) =>
  db
    .updateTable('limits')
    .set({ waitUntilMs: sql`${values.nowMs} + ${waitFor(values.most)}` })
    .where('key', '=', values.key)
    .where(sql<boolean>`${values.most} > 0 AND ${sql.ref('count')} >= ${values.most}`)
    .where(({ exists }) => exists(changed(values).select('verifications.id'))),
)

/** Behind the statement that takes a try: what else the same unit does with the guess. */
export function countGuessQueries(values: CountedGuess) {
  return [countGuess(values), beginWait(values)] as const
}

const giveBackChances = prepared((values: CountedGuess) =>
  db
    .updateTable('limits')
    .from('verifications')
    .set(({ ref }) => {
      const left = sql<number>`${ref('limits.count')} - ${ref('verifications.chances')}`
      return { count: sql<number>`CASE WHEN ${left} < 0 THEN 0 ELSE ${left} END` }
    })
    .where('limits.key', '=', values.key)
    .where('verifications.id', '=', values.verificationId)
    .where('verifications.changeId', '=', values.changeId)
    .where('verifications.state', '=', 'verified'),
)

/** The wait that the guess itself began goes; the one that stood before it goes on, from now at the latest. */
const shortenWait = prepared((values: CountedGuess) => {
  const wait = sql<number>`${values.nowMs} + ${waitFor(values.most)}`
  return db
    .updateTable('limits')
    .set(({ ref }) => ({
      waitUntilMs: sql`CASE WHEN ${ref('count')} < ${values.most} THEN NULL
        WHEN ${wait} < ${ref('waitUntilMs')} THEN ${wait} ELSE ${ref('waitUntilMs')} END`,
    }))
    .where('key', '=', values.key)
    .where('waitUntilMs', 'is not', null)
    .where(({ exists }) =>
      exists(changed(values).select('verifications.id').where('verifications.state', '=', 'verified')),
    )
})

/** Behind the statement that consumes a verification: the guess has succeeded, so those before it were the owner's. */
export function giveBackQueries(values: CountedGuess) {
  return [giveBackChances(values), shortenWait(values)] as const
}

function changed({ verificationId, changeId }: { verificationId: string; changeId: string }) {
  return db
    .selectFrom('verifications')
    .where('verifications.id', '=', verificationId)
    .where('verifications.changeId', '=', changeId)
}

/** The waits of `guessWaitMs`, for the store to choose from by the count that it has just come to. */
function waitFor(most: number) {
  const longestMs = guessWaitMs(Number.POSITIVE_INFINITY)
  const growing: RawBuilder<unknown>[] = []
  for (let beyond = 0; guessWaitMs(beyond) < longestMs; beyond++) {
    growing.push(sql`WHEN ${sql.lit(beyond)} THEN ${sql.lit(guessWaitMs(beyond))}`)
  }
  return sql`CASE ${sql.ref('limits.count')} - ${most} ${sql.join(growing, sql` `)} ELSE ${sql.lit(longestMs)} END`
}
