import type { Operation } from '../history.ts'
import { type Evidence, type PersonEvidence, type Violation, verificationIdOf } from './evidence.ts'

/** The defaults of Holdfast, with which the drill runs. */
const codeLifetimeMs = 600_000
const idleMs = 7 * 24 * 3_600_000
const repeatableForMs = 60_000

/**
 * I1: what was acknowledged to a person works until signing out or expiry: a sign-in, and a verification that
 * waits for its code.
 */
export function liveSessions(evidence: Evidence): Violation[] {
  return evidence.people.flatMap((person) =>
    [
      ...removedCookies(evidence, person),
      ...forgottenSignIns(evidence, person),
      ...forgottenVerifications(evidence, person),
      ...refusedCodes(evidence, person),
      ...missingRows(person),
    ].map((found): Violation => ({ invariant: 'I1', who: person.who, ...found })),
  )
}

type Found = Pick<Violation, 'what' | 'operations'>

/** The servers' clock was so far ahead meanwhile that what has that lifetime had expired. */
function hasExpired(evidence: Evidence, operation: Operation, lifetimeMs: number): boolean {
  return evidence.clockOffWithin(operation.invokedAtMs, operation.completedAtMs) >= lifetimeMs
}

function removedCookies(evidence: Evidence, person: PersonEvidence): Found[] {
  return person.operations
    .filter(
      (operation) =>
        operation.outcome.cookie === 'removed' &&
        operation.action !== 'logout' &&
        operation.completedAtMs < person.signOutBegunAtMs &&
        !hasExpired(evidence, operation, codeLifetimeMs),
    )
    .map((operation) => ({
      what: 'a cookie was removed that nobody had signed out',
      operations: [operation],
    }))
}

function forgottenSignIns(evidence: Evidence, person: PersonEvidence): Found[] {
  return person.operations.flatMap((operation): Found[] => {
    if (operation.action !== 'session' || operation.kind === 'unknown') return []
    const signInId = evidence.signInHeldBy(person.who, operation.browser, operation.invokedAtMs)
    const isLive = signInId !== undefined && operation.completedAtMs < person.signOutBegunAtMs
    if (!isLive || operation.outcome.signInId === signInId || hasExpired(evidence, operation, idleMs))
      return []
    const what = `the acknowledged sign-in ${signInId} was not there: ${JSON.stringify(operation.outcome)}`
    return [{ what, operations: [operation] }]
  })
}

function forgottenVerifications(evidence: Evidence, person: PersonEvidence): Found[] {
  return person.operations.flatMap((operation): Found[] => {
    if (operation.action !== 'session' || operation.kind === 'unknown') return []
    const sends = person.operations.filter(
      (each) => each.action === 'send' && each.browser === operation.browser,
    )
    const last = sends.findLast((each) => each.invokedAtMs < operation.completedAtMs)
    const guess = person.operations.find((each) => each.action === 'verify')
    const mayBeOver = (guess?.invokedAtMs ?? Number.POSITIVE_INFINITY) < operation.completedAtMs
    if (last?.kind !== 'ok' || last.completedAtMs > operation.invokedAtMs || mayBeOver) return []
    if (operation.outcome.reference === last.outcome.reference) return []
    if (hasExpired(evidence, operation, codeLifetimeMs)) return []
    const what = `the acknowledged verification ${last.outcome.reference} was not there: ${JSON.stringify(operation.outcome)}`
    return [{ what, operations: [last, operation] }]
  })
}

/** A right code may be refused once its tries, its time, or the time in which a lost answer is repeated are over. */
function refusedCodes(evidence: Evidence, person: PersonEvidence): Found[] {
  return person.operations.flatMap((operation): Found[] => {
    const { guess, invokedAtMs, completedAtMs } = operation
    if (operation.action !== 'verify' || operation.kind !== 'fail' || guess === undefined) return []
    const verification = person.verifications.find(({ id }) => id === verificationIdOf(guess))
    if (verification === undefined) return []
    const before = person.operations.filter(
      (each) => each.action === 'verify' && each.invokedAtMs < completedAtMs,
    )
    const wrong = before.filter((each) => each.guess !== guess).length
    const first = before.find((each) => each.guess === guess)
    const sends = person.operations.filter(
      (each) => each.action === 'send' && each.invokedAtMs < completedAtMs,
    )
    const isExcused =
      wrong >= verification.maxAttempts ||
      // Which of several verifications this browser's is cannot be told from here.
      sends.length > 1 ||
      completedAtMs >= person.signOutBegunAtMs ||
      completedAtMs - (first?.invokedAtMs ?? completedAtMs) >= repeatableForMs ||
      evidence.signInHeldBy(person.who, operation.browser, invokedAtMs) !== undefined ||
      // A code has the life that the clock gave it which it was asked for by.
      evidence.clockOffWithin(sends[0]?.invokedAtMs ?? invokedAtMs, completedAtMs) !== 0
    if (isExcused) return []
    return [
      { what: `a right code was refused: ${JSON.stringify(operation.outcome)}`, operations: [operation] },
    ]
  })
}

function missingRows(person: PersonEvidence): Found[] {
  if (person.signOutBegunAtMs < Number.POSITIVE_INFINITY) return []
  return person.operations.flatMap((operation): Found[] => {
    const { signInId } = operation.outcome
    if (operation.kind !== 'ok' || operation.action !== 'verify' || signInId === undefined) return []
    const row = person.signIns.find(({ id }) => id === signInId)
    if (row !== undefined && row.endedAtMs === null) return []
    const what = `the acknowledged sign-in ${signInId} ${row === undefined ? 'is not in the store' : 'has ended in the store'}`
    return [{ what, operations: [operation] }]
  })
}
