import type { FinalRows } from '../final-rows.ts'
import { addressOf, type HistoryLine, type Operation, operationsOf } from '../history.ts'

/** A mail as the mail server got it. */
export interface MailReceipt {
  to: string
  messageId: string
  /** Whoever sent it was alive then. */
  beganAtMs: number
  atMs: number
  wasConfirmed: boolean
}

/** What the checker is given: all of it plain values. */
export interface Testimony {
  lines: readonly HistoryLine[]
  mails: readonly MailReceipt[]
  rows: FinalRows
}

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'lost'

export interface Violation {
  invariant: Invariant
  /** Whom it concerns; nobody where it is about the keys or the file. */
  who?: string
  what: string
  operations: readonly Operation[]
}

export type VerificationRow = FinalRows['verifications'][number]

/** What is known of one person. */
export interface PersonEvidence {
  who: string
  operations: readonly Operation[]
  verifications: readonly VerificationRow[]
  signIns: readonly FinalRows['signIns'][number][]
  mails: readonly MailReceipt[]
  /** When the person's first sign-out was begun, and when one was acknowledged. */
  signOutBegunAtMs: number
  signOutDoneAtMs: number
}

/** The testimony, sorted so that the checks can ask it. */
export interface Evidence extends Testimony {
  operations: readonly Operation[]
  people: readonly PersonEvidence[]
  /** How far off the servers' clock was, at its furthest in either direction, in that time. */
  clockOffWithin(fromMs: number, toMs: number): number
  /** The sign-in whose cookie a browser holds at that time, as far as was acknowledged. */
  signInHeldBy(who: string, browser: string, atMs: number): string | undefined
}

export function sortEvidence(testimony: Testimony): Evidence {
  const operations = operationsOf(testimony.lines)
  const byWho = Map.groupBy(operations, ({ who }) => who)
  const verifications = Map.groupBy(testimony.rows.verifications, ({ email }) => email)
  const signIns = Map.groupBy(testimony.rows.signIns, ({ email }) => email)
  const mails = Map.groupBy(testimony.mails, ({ to }) => to)
  const begun = testimony.lines.flatMap((line) => (line.kind === 'journey-begins' ? [line.who] : []))
  const people = begun.map((who): PersonEvidence => {
    const own = byWho.get(who) ?? []
    const signOuts = own.filter(({ action }) => action === 'logout')
    return {
      who,
      operations: own,
      verifications: verifications.get(addressOf(who)) ?? [],
      signIns: signIns.get(addressOf(who)) ?? [],
      mails: mails.get(addressOf(who)) ?? [],
      signOutBegunAtMs: Math.min(...signOuts.map(({ invokedAtMs }) => invokedAtMs)),
      signOutDoneAtMs: Math.min(
        ...signOuts.filter(({ kind }) => kind === 'ok').map(({ completedAtMs }) => completedAtMs),
      ),
    }
  })
  return {
    ...testimony,
    operations,
    people,
    clockOffWithin: clockOf(testimony.lines),
    signInHeldBy: holdingsOf(testimony.lines, byWho),
  }
}

/** A server looks at the clock a moment after it was set. */
const clockSlackMs = 250

function clockOf(lines: readonly HistoryLine[]): Evidence['clockOffWithin'] {
  const settings = lines.flatMap((line) => (line.kind === 'clock-set' ? [line] : []))
  return (fromMs, toMs) => {
    const before = settings.findLast(({ atMs }) => atMs + clockSlackMs <= fromMs)
    const within = settings.filter(({ atMs }) => atMs + clockSlackMs > fromMs && atMs < toMs)
    const offsets = [before?.offsetMs ?? 0, ...within.map(({ offsetMs }) => offsetMs)]
    return offsets.reduce((most, offset) => (Math.abs(offset) > Math.abs(most) ? offset : most), 0)
  }
}

function holdingsOf(
  lines: readonly HistoryLine[],
  operations: ReadonlyMap<string, readonly Operation[]>,
): Evidence['signInHeldBy'] {
  const copies = Map.groupBy(
    lines.flatMap((line) => (line.kind === 'browser-copied' ? [line] : [])),
    ({ who, to }) => `${who} ${to}`,
  )
  return function signInHeldBy(who, browser, atMs): string | undefined {
    const own = operations
      .get(who)
      ?.findLast(
        (each) =>
          each.action === 'verify' &&
          each.browser === browser &&
          each.kind === 'ok' &&
          each.completedAtMs <= atMs,
      )
    if (own !== undefined) return own.outcome.signInId
    const [copy] = copies.get(`${who} ${browser}`) ?? []
    return copy === undefined || copy.atMs > atMs ? undefined : signInHeldBy(who, copy.from, copy.atMs)
  }
}

/** The verification that a mail's Message-ID names: `<id.number@host>`. */
export function verificationIdOf(messageId: string): string {
  return messageId.replace(/^<|\.\d+@.*$/g, '')
}
