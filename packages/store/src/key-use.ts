import { repeatableForMs } from '@holdfast/core'
import { sql } from 'kysely'
import type { Store } from './store.ts'
import { db } from './tables.ts'

/** What would stop working without one key, and when the last of it ends by itself. */
export interface KeyUse {
  kid: string
  signIns: number
  verifications: number
  /** Mails that are not handed over yet. */
  mails: number
  /** When the last of them ends at the latest. A verification lives longer when a code is asked for again. */
  untilMs: number
}

export interface LiveAt {
  nowMs: number
  /** A sign-in that was not used for so long is over. */
  idleMs: number
}

interface CountedRecords {
  kid: string
  count: number
  untilMs: number
}

/**
 * Counts, for each kid, the live records that need it: sign-ins that have neither ended nor expired nor idled
 * out, verifications, also those whose answer may still be repeated, and mails that are not handed over.
 */
export async function countKeyUse(store: Pick<Store, 'read'>, at: LiveAt): Promise<KeyUse[]> {
  const { nowMs } = at
  const [signIns, blobs, verifications, repeatable, mails] = await Promise.all([
    store.read(liveSignIns(at)),
    store.read(liveBlobs(at)),
    store.read(liveVerifications(nowMs)),
    store.read(repeatableVerifications(nowMs)),
    store.read(unsentMails(nowMs)),
  ])
  const uses = new Map<string, KeyUse>()
  const add = (rows: CountedRecords[], what: 'signIns' | 'verifications' | 'mails') => {
    for (const { kid, count, untilMs } of rows) {
      const use = uses.get(kid) ?? { kid, signIns: 0, verifications: 0, mails: 0, untilMs: 0 }
      uses.set(kid, { ...use, [what]: use[what] + count, untilMs: Math.max(use.untilMs, untilMs) })
    }
  }
  add(signIns, 'signIns')
  add(blobs, 'signIns')
  add(verifications, 'verifications')
  add(repeatable, 'verifications')
  add(mails, 'mails')
  return [...uses.values()]
}

/** A use in the words of an operator. */
export function describeKeyUse({ signIns, verifications, mails }: KeyUse): string {
  return `sign-ins: ${signIns}, verifications: ${verifications}, unsent mails: ${mails}`
}

/** Sign-ins that have neither ended nor expired nor idled out. */
export function isLiveSignIn({ nowMs, idleMs }: LiveAt) {
  return sql<boolean>`${sql.ref('signIns.endedAtMs')} IS NULL
    AND ${sql.ref('signIns.expiresAtMs')} > ${nowMs}
    AND ${sql.ref('signIns.lastSeenAtMs')} + ${idleMs} > ${nowMs}`
}

function liveSignIns(at: LiveAt) {
  return db
    .selectFrom('signIns')
    .select(({ fn }) => ['kid', fn.countAll<number>().as('count'), fn.max('expiresAtMs').as('untilMs')])
    .where(isLiveSignIn(at))
    .groupBy('kid')
}

/** The kid that a session's blob is sealed with. */
export const kidOfBlob = sql<string>`SUBSTR(${sql.ref('sessionBlobs.value')}, 4, 8)`

/**
 * Sign-ins whose token names one key while their blob is sealed with another: two processes that sign with
 * different keys have saved the session one after the other. They need both.
 */
function liveBlobs(at: LiveAt) {
  return db
    .selectFrom('signIns')
    .innerJoin('sessionBlobs', 'sessionBlobs.key', 'signIns.sessionKey')
    .select(({ fn }) => [
      kidOfBlob.as('kid'),
      fn.countAll<number>().as('count'),
      fn.max('signIns.expiresAtMs').as('untilMs'),
    ])
    .where(isLiveSignIn(at))
    .where(kidOfBlob, '<>', sql.ref<string>('signIns.kid'))
    .groupBy(kidOfBlob)
}

function liveVerifications(nowMs: number) {
  return db
    .selectFrom('verifications')
    .select(({ fn }) => ['kid', fn.countAll<number>().as('count'), fn.max('expiresAtMs').as('untilMs')])
    .where('state', '=', 'pending')
    .whereRef('attempts', '<', 'maxAttempts')
    .where('expiresAtMs', '>', nowMs)
    .groupBy('kid')
}

/**
 * Verifications that succeeded a moment ago under one key, with a sign-in under another of which no token has
 * come back: the answer may have been lost, and the code be sent again with the older token.
 */
function repeatableVerifications(nowMs: number) {
  const untilMs = sql<number>`${sql.ref('verifications.verifiedAtMs')} + ${repeatableForMs}`
  return db
    .selectFrom('verifications')
    .innerJoin('signIns', 'signIns.verificationId', 'verifications.id')
    .select(({ fn }) => [
      'verifications.kid',
      fn.countAll<number>().as('count'),
      fn.max<number>(untilMs).as('untilMs'),
    ])
    .where('verifications.acceptedMac', 'is not', null)
    .whereRef('verifications.attempts', '<', 'verifications.maxAttempts')
    .where(untilMs, '>', nowMs)
    .where('signIns.endedAtMs', 'is', null)
    .whereRef('signIns.kid', '<>', 'verifications.kid')
    .whereRef('signIns.lastSeenAtMs', '=', 'signIns.authTimeMs')
    .groupBy('verifications.kid')
}

/** The kid stands in the seal: a code that was asked for again may have another than its verification. */
export const kidOfSeal = sql<string>`SUBSTR(${sql.ref('sealed')}, 4, 8)`

function unsentMails(nowMs: number) {
  return db
    .selectFrom('codes')
    .select(({ fn }) => [
      kidOfSeal.as('kid'),
      fn.countAll<number>().as('count'),
      fn.max('expiresAtMs').as('untilMs'),
    ])
    .where('sealed', 'is not', null)
    .where('expiresAtMs', '>', nowMs)
    .groupBy(kidOfSeal)
}
