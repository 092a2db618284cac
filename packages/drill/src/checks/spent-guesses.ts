import type { Operation } from '../history.ts'
import {
  type Evidence,
  type PersonEvidence,
  type VerificationRow,
  type Violation,
  verificationIdOf,
} from './evidence.ts'

type Found = Pick<Violation, 'what' | 'operations'>

/**
 * I4: no more guesses are looked at than a verification has tries, and those that were stay counted. A guess whose
 * answer was lost may have been counted or not.
 */
export function spentGuesses({ people }: Evidence): Violation[] {
  return people.flatMap((person) =>
    person.verifications
      .flatMap((verification) => {
        const wrong = person.operations.filter(
          ({ outcome }) => outcome.code === 'code_incorrect' && outcome.reference === verification.reference,
        )
        return [...tooMany(person, verification, wrong), ...forgotten(person, verification, wrong)]
      })
      .map((found): Violation => ({ invariant: 'I4', who: person.who, ...found })),
  )
}

function tooMany(
  person: PersonEvidence,
  verification: VerificationRow,
  wrong: readonly Operation[],
): Found[] {
  const { attempts, maxAttempts, state } = verification
  const right = person.operations.find(
    ({ action, kind, guess = '' }) =>
      action === 'verify' && kind === 'ok' && verificationIdOf(guess) === verification.id,
  )
  // What is guessed after the success is compared with the code that was accepted, and with no other.
  const beforeSuccess =
    right === undefined ? wrong : wrong.filter((each) => each.invokedAtMs < right.completedAtMs)
  const evaluated = right === undefined ? beforeSuccess : [...beforeSuccess, right]
  const found: Found[] = []
  if (evaluated.length > maxAttempts) {
    found.push({
      what: `${evaluated.length} guesses were looked at, of ${maxAttempts}`,
      operations: evaluated,
    })
  }
  // A right guess that took the last try gives it back, for the repetition of a lost answer.
  const leastCounted = state === 'verified' ? Math.min(evaluated.length, maxAttempts - 1) : evaluated.length
  if (attempts > maxAttempts) found.push({ what: `the store counts ${attempts} guesses`, operations: [] })
  if (attempts < leastCounted) {
    const what = `the store counts ${attempts} guesses, ${evaluated.length} were looked at`
    found.push({ what, operations: evaluated })
  }
  return found
}

/** Whoever is told how many tries are left is never told more of them later. */
function forgotten(
  person: PersonEvidence,
  { reference }: VerificationRow,
  wrong: readonly Operation[],
): Found[] {
  const told = person.operations.filter(
    ({ outcome }) => outcome.reference === reference && outcome.attemptsLeft !== undefined,
  )
  return wrong.flatMap((guess) => {
    const left = guess.outcome.attemptsLeft ?? 0
    const later = told.find((each) => {
      const mostLeft = each.outcome.code === 'code_incorrect' ? left - 1 : left
      return each.invokedAtMs >= guess.completedAtMs && (each.outcome.attemptsLeft ?? 0) > mostLeft
    })
    return later === undefined ? [] : [{ what: 'a guess was given back', operations: [guess, later] }]
  })
}
